/** A text in one line of at most `most` characters, as labels and notes have to be. */
export function plainText(text: string, most: number): string {
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 3)}...` : line
}

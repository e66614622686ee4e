/** A header as it is looked up: lower case, without blanks, `_` and punctuation. */
export function headerKey(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** The same without what stands in parentheses, as a rule the unit. */
export function headerKeyWithoutUnit(header: string): string {
  return headerKey(header.replace(/\([^)]*\)|\[[^\]]*\]/g, ''))
}

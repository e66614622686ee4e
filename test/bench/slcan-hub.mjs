/** A CAN bus on TCP: whoever connects sees an slcan adapter, and all hear one another. */
import { createServer } from 'node:net'

export class SlcanHub {
  #sockets = []
  #server
  #heard

  /** `heard` takes each line that is a frame. */
  constructor(heard) {
    this.#heard = heard
  }

  /** Gives the port. */
  async listen() {
    this.#server = createServer(socket => this.#add(socket))
    await new Promise(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this.#server.address().port
  }

  get count() {
    return this.#sockets.length
  }

  /** Lets the one hear it that connected first. */
  tellFirst(text) {
    this.#sockets[0]?.write(text)
  }

  close() {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #add(socket) {
    let rest = ''
    this.#sockets.push(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', bytes => {
      const lines = (rest + bytes.toString('latin1')).split('\r')
      rest = lines.pop()
      for (const line of lines) this.#take(socket, line)
    })
  }

  #take(from, line) {
    if (!line.startsWith('t')) {
      from.write(line === 'F' ? 'F00\r' : '\r')
      return
    }
    from.write('z\r')
    this.#heard(line)
    for (const socket of this.#sockets) if (socket !== from) socket.write(`${line}\r`)
  }
}

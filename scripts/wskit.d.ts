/**
 * What a script of wskit sees, for editors and for tsc: `wskit scripts --types >wskit.d.ts`.
 *
 * A script is one JavaScript file that describes one peer, whoever dialled:
 * `wskit serve /=script:./FILE.js` and `wskit connect --script FILE.js URL`. Its library is
 * ES2022 without the DOM. Put `/// <reference path="./wskit.d.ts" />` and `// @ts-check` at
 * its top, or this jsconfig.json beside it, which also allows `await` at the top level:
 *
 *     { "compilerOptions": {
 *       "checkJs": true, "strict": true, "noImplicitAny": false, "useUnknownInCatchVariables": false,
 *       "target": "es2022", "module": "es2022", "moduleDetection": "force", "lib": ["es2022"], "types": []
 *     } }
 *
 * There is no global `ws` here: a script gets its connection as the argument of a handler.
 * Only the code of `js:CODE` and `connect -e CODE` has it in scope, as a `wskit.Socket`.
 *
 * Times are in milliseconds, sizes in bytes.
 */

/** The types of the API. They exist for type annotations only: `@param {wskit.Socket} ws`. */
declare namespace wskit {
  /** Bytes: an ArrayBuffer, or a view of one such as a Uint8Array. */
  type Bytes = ArrayBuffer | ArrayBufferView

  /** What can be sent: a string becomes a text message, bytes become a binary one. */
  type Data = string | Bytes

  /** The fields of a header. A list sends the field once for each value. */
  type Headers = Record<string, string | string[]>

  /**
   * What a message must be.
   *
   * - a string: equal to the text
   * - a RegExp: it matches the text; the result is in `match` of the message
   * - bytes: equal to the binary message
   * - a function: it returns something true
   * - an object or array: the text is JSON that contains it. Objects may have more fields,
   *   arrays are as long. A RegExp in it takes a string, a function any value. It is read
   *   when the pattern is made; undefined, a BigInt or a Map in it throw a TypeError.
   *
   * Functions must not be async. A RegExp with `g` or `y` begins at 0 each time.
   */
  type Pattern = string | RegExp | Bytes | ((message: Message) => unknown) | object

  /** The message that a pattern lets through. */
  type MessageOf<P> = P extends RegExp ? MatchedMessage
    : P extends Bytes ? BinaryMessage
    : P extends undefined | ((message: Message) => unknown) ? Message
    : TextMessage

  /** A message event. `opcode`, or the type of `data`, tells text from binary. */
  type Message = TextMessage | BinaryMessage

  /** What text and binary messages have in common. */
  interface MessageEvent {
    readonly type: 'message'
    /** The connection that the message came by. */
    readonly target: Socket
    /** The payload, of a text message in UTF-8. Each reading makes a copy. */
    readonly bytes: Uint8Array
  }

  /** A text message. */
  interface TextMessage extends MessageEvent {
    readonly opcode: 1
    readonly data: string
    /** The text parsed as JSON, or undefined if it is none. */
    readonly json: any
  }

  /** A text message that the RegExp of `expect` or `receive` has matched. */
  interface MatchedMessage extends TextMessage {
    /** The result of the RegExp. */
    readonly match: RegExpExecArray
  }

  /** A binary message. */
  interface BinaryMessage extends MessageEvent {
    readonly opcode: 2
    /** An ArrayBuffer, or a Uint8Array if `binaryType` of the socket says so. */
    readonly data: ArrayBuffer | Uint8Array
    readonly json: undefined
  }

  /** A data frame. The messages of a socket whose frames are wanted are not joined. */
  interface FrameEvent {
    /** Whether the frame is the last one of its message. */
    readonly fin: boolean
    /** The reserved bits: 4 for a compressed message, which comes as one frame, otherwise 0. */
    readonly rsv: 0 | 4
    /** 0 for a continuation, 1 for text, 2 for binary. */
    readonly opcode: 0 | 1 | 2
    /** The payload, inflated if it was compressed. */
    readonly data: Uint8Array
  }

  /** A ping or a pong that has come. */
  interface ControlEvent {
    readonly type: 'ping' | 'pong'
    readonly target: Socket
    /** 9 for a ping, 10 for a pong. */
    readonly opcode: 9 | 10
    /** Its payload, of up to 125 bytes: an ArrayBuffer, or what `binaryType` says. */
    readonly data: ArrayBuffer | Uint8Array
    /** The same as a Uint8Array. */
    readonly bytes: Uint8Array
  }

  /** The end of a connection. */
  interface CloseEvent {
    readonly type: 'close'
    readonly target: Socket
    /** The close code: 1005 if the close frame had none, 1006 if there was no close frame. */
    readonly code: number
    /** The reason that the close frame gave, or ''. */
    readonly reason: string
    /** Whether the closing handshake was completed. */
    readonly wasClean: boolean
  }

  /** What went wrong with a connection. A close event follows. */
  interface ErrorEvent {
    readonly type: 'error'
    readonly target: Socket
    readonly message: string
  }

  /** The events of `addEventListener`. */
  interface EventMap {
    message: Message
    frame: FrameEvent
    ping: ControlEvent
    pong: ControlEvent
    close: CloseEvent
    error: ErrorEvent
  }

  /** A function that is called with an event; it may be async. An error closes the connection with 1011. */
  type Listener<E> = (this: Socket, event: E) => unknown

  /** How long to wait. */
  interface WaitOptions {
    /**
     * Milliseconds; 0 waits for ever. The default is that of `--wait` in connect (10
     * seconds), and for ever in serve.
     */
    timeout?: number
  }

  /** How one message is sent. */
  interface SendOptions {
    /** Send it in frames of at most so many bytes, at least 1. */
    fragment?: number
    /** Pause between these frames, in milliseconds. */
    delay?: number
    /** Compress the message, or do not. Without it: as the connection does. */
    compress?: boolean
  }

  /** A frame to send, whatever the rules say. */
  interface RawFrame {
    /** Whether it is the last of its message. Default true. */
    fin?: boolean
    /** The reserved bits, 0 to 7. Default 0. */
    rsv?: number
    /** 0 to 15. Default 2 for bytes and 1 otherwise. */
    opcode?: number
    /** Whether it is masked. Default: as the role of this end demands. */
    mask?: boolean
    /** What it carries. Default nothing. */
    payload?: Data
  }

  /** Writes to a connection past its rules. What is written queues behind what was sent. */
  interface Raw {
    /** Sends one frame. Throws a TypeError for an `rsv` or an `opcode` that does not fit its bits. */
    frame(frame: RawFrame): void
    /** Sends bytes as they are. */
    write(bytes: Data): void
  }

  /** The opening handshake. */
  interface UpgradeRequest {
    readonly method: string
    /** The path, without the query. */
    readonly path: string
    readonly url: string
    readonly host: string
    /** Address and port of the peer. */
    readonly remoteAddress: string
    /** The user of basic authentication, or ''. */
    readonly user: string
    /** The subprotocols that were offered, in order of preference. */
    readonly protocols: string[]
    readonly cookies: Record<string, string>
    /** A field of the header, whatever its case; several of one name are joined by ', '. */
    header(name: string): string | undefined
    /** The first parameter of that name in the query. Undefined in connect. */
    query(name: string): string | undefined
    /** What stands for `{name}` of the route `/rooms/{name}`. Undefined in connect. */
    param(name: string): string | undefined
  }

  /** What to do to an upgrade; see `on('upgrade', …)`. */
  type UpgradeDecision = Acceptance | Refusal | Drop

  /** Accepts an upgrade. */
  interface Acceptance {
    status?: 101
    /** The subprotocol to agree on. */
    protocol?: string
    /** Fields to add to the response. */
    headers?: Headers
    /** The `name` of the socket, which `clients.get` finds. */
    name?: string
    /** How large a message may be, in bytes; a larger one closes with 1009. */
    maxMessageSize?: number
    /** Milliseconds between pings; 0 sends none. */
    pingInterval?: number
    /** A fault: the Sec-WebSocket-Accept to send; 'wrong' is one that no client takes. */
    accept?: string
    /** A fault: milliseconds before the response. */
    delay?: number
    drop?: false
  }

  /** Refuses an upgrade. */
  interface Refusal {
    /** An HTTP status from 200 to 599. */
    status: number
    /** Fields to add to the response. */
    headers?: Headers
    body?: string
    /** Milliseconds before the response. */
    delay?: number
    drop?: false
  }

  /** A fault: drops the TCP connection without a response. */
  interface Drop {
    drop: true
    /** Milliseconds before it. */
    delay?: number
  }

  /** What an upgrade handler may return: a decision, or nothing to leave it to the next one. */
  type UpgradeAnswer = UpgradeDecision | undefined | null | void

  /** How to dial; see `connect`. */
  interface ConnectOptions {
    /** The subprotocols to offer, in order of preference. */
    protocols?: string | string[]
    /** Fields to add to the request. */
    headers?: Headers
    /** The Origin to send. Default none. */
    origin?: string
    /** Offer permessage-deflate. */
    compress?: boolean
    /** Do not verify the server's certificate. */
    insecure?: boolean
    /** How large a message may be, in bytes; a larger one closes with 1009. */
    maxMessageSize?: number
    /** Milliseconds between pings; 0 sends none. */
    pingInterval?: number
    /** Milliseconds until the connection must be open. */
    timeout?: number
    /** The `name` of the socket. */
    name?: string
  }

  /** Why `connect` could not open a connection. */
  interface ConnectError extends Error {
    /** The HTTP status of a refusal, or 0 if there was no response. */
    readonly status: number
    /** The beginning of the body of that response, or ''. */
    readonly body: string
  }

  /** The open connections of this script, the oldest first. */
  interface Clients extends Iterable<Socket> {
    /** How many there are. */
    readonly size: number
    /** The one of that name, the newest if there are several. */
    get(name: string): Socket | undefined
  }

  /**
   * A connection. Names that WHATWG's WebSocket has too mean the same here.
   *
   * What is sent on a connection that has ended is dropped without a word. Any other
   * property can be set on it; `data` is there for that.
   */
  interface Socket {
    readonly CONNECTING: 0
    readonly OPEN: 1
    readonly CLOSING: 2
    readonly CLOSED: 3
    /** One of the constants above. */
    readonly readyState: 0 | 1 | 2 | 3
    readonly url: string
    /** The subprotocol that was agreed on, or ''. */
    readonly protocol: string
    /** 'permessage-deflate', or '' without compression. */
    readonly extensions: '' | 'permessage-deflate'
    /** How many bytes wait to be sent. Beyond 18 MiB `send` throws and the connection is closed with 1008. */
    readonly bufferedAmount: number
    /** What `data` of a binary message is. Default 'arraybuffer'. */
    binaryType: 'arraybuffer' | 'uint8array'
    /** The opening handshake. */
    readonly request: UpgradeRequest
    /** What the connection is called: by the upgrade handler, `connect` or `--name-query`. */
    name: string
    /** A place for what belongs to this connection: an empty object at first. */
    data: any
    /** Whether pings are answered. Set it to false to play a peer that does not. */
    autoPong: boolean

    /** Called with each message. While it is set none are kept for `expect` and `receive`. */
    onmessage: Listener<Message> | null
    /** Called with each data frame, instead of messages. */
    onframe: Listener<FrameEvent> | null
    /** Called at the end of the connection. */
    onclose: Listener<CloseEvent> | null
    /** Called before `onclose` if the connection did not end well. */
    onerror: Listener<ErrorEvent> | null
    /** Called with each ping. It is answered all the same, unless `autoPong` is false. */
    onping: Listener<ControlEvent> | null
    /** Called with each pong. */
    onpong: Listener<ControlEvent> | null

    /** Adds a listener. Throws a TypeError for another event, or for what is no function. */
    addEventListener<K extends keyof EventMap>(type: K, listener: Listener<EventMap[K]>): void
    /** Removes a listener. */
    removeEventListener<K extends keyof EventMap>(type: K, listener: Listener<EventMap[K]>): void

    /**
     * Sends a message, text for a string and binary for bytes, and never waits. Throws a
     * TypeError for another object, and an Error if the peer reads so slowly that the queue
     * is full, or if `compress` asks for what was not agreed on.
     */
    send(data: Data, options?: SendOptions): void
    /**
     * Begins the closing handshake, behind what was sent. The default code is 1000. Throws a
     * TypeError for a code that must not be sent and for a reason of more than 123 bytes.
     */
    close(code?: number, reason?: string): void
    /** Resets the TCP connection: the peer sees 1006. */
    terminate(): void
    /** Sends a ping. Throws an Error for more than 125 bytes. */
    ping(data?: Data): void
    /** Sends a pong that nobody asked for. Throws an Error for more than 125 bytes. */
    pong(data?: Data): void
    /** Stops reading, which the peer feels once the buffers of TCP are full. */
    pause(): void
    /** Reads again. */
    resume(): void

    /** The same, with a function that says whether a message matches. */
    expect(pattern: (message: Message) => unknown, options?: WaitOptions): Promise<Message>
    /**
     * Waits for the next message, which must match. Rejects if it does not, after the
     * time-out, and at the end of the connection; a rejection that nobody handles fails the run.
     * @example const hello = await ws.expect({ type: 'hello' }, { timeout: 500 })
     */
    expect<P extends Pattern | undefined = undefined>(pattern?: P, options?: WaitOptions): Promise<MessageOf<P>>
    /** The same, with a function that says whether a message matches. */
    receive(pattern: (message: Message) => unknown, options?: WaitOptions): Promise<Message>
    /**
     * Skips messages until one matches; without a pattern, takes the next one. Rejects after
     * the time-out and at the end of the connection. Without a pattern that end only ends the
     * handler, and fails nothing.
     * @example const m = await ws.receive(/^price (\d+)/); console.log(m.match[1])
     */
    receive<P extends Pattern | undefined = undefined>(pattern?: P, options?: WaitOptions): Promise<MessageOf<P>>
    /**
     * Waits for the end of the connection, which must have the code, or one of them. Rejects
     * if it has another one and after the time-out. Throws a TypeError for what is not from
     * 1000 to 4999.
     */
    closed(code?: number | number[], options?: WaitOptions): Promise<CloseEvent>
    /** Waits for the next data frame. From here on messages are not joined; one that has been read before is a single frame. */
    nextFrame(options?: WaitOptions): Promise<FrameEvent>

    /** Calls f each so many milliseconds until the connection ends. Returns what `clearInterval` takes. */
    every(ms: number, f: () => unknown): number

    /** Enters a room. It leaves all of them at its end. */
    subscribe(room: string): void
    /** Leaves a room. */
    unsubscribe(room: string): void
    /** Sends to all others in a room, whether this connection is in it or not. */
    publish(room: string, data: Data): void

    /** Writes past the rules of the protocol. */
    readonly raw: Raw
  }
}

/**
 * Decides on each upgrade; serve only. The first handler that returns an object decides, and
 * if none does the upgrade is accepted. An error of it answers 500 and fails the run.
 * @example on('upgrade', req => req.query('token') ? undefined : { status: 401 })
 */
declare function on(event: 'upgrade', handler: (request: wskit.UpgradeRequest) => wskit.UpgradeAnswer | Promise<wskit.UpgradeAnswer>): void
/**
 * Handles each connection. When all handlers have completed, and there is no listener, timer,
 * wait or room left of them, the connection is closed with 1000. An error closes it with
 * 1011 and makes the exit code 1. A script needs at least one.
 * @example on('connection', async ws => { ws.send('hello'); await ws.expect('hello') })
 */
declare function on(event: 'connection', handler: (ws: wskit.Socket) => unknown): void
/** Runs when the command ends. What it awaits is not waited for. */
declare function on(event: 'shutdown', handler: () => unknown): void

/**
 * Opens a connection. The handlers of `connection` do not get it, nor do `clients` have it; it
 * ends with the connection whose handler has dialled. Rejects with a `wskit.ConnectError` if it
 * cannot be opened or is refused. Throws a TypeError for what is no URL, and for another option.
 * @example const upstream = await connect('ws://localhost:8080/', { protocols: 'chat.v2' })
 */
declare function connect(url: string, options?: wskit.ConnectOptions): Promise<wskit.Socket>

/** Sends to all in a room. */
declare function publish(room: string, data: wskit.Data): void

/** The open connections of this script. */
declare var clients: wskit.Clients

/** The arguments behind the URL of `wskit connect --script FILE URL`, and behind `--` of `wskit serve`. */
declare var args: string[]

/** An environment variable, undefined if it is not set. Throws for a name that `--allow-env` does not allow. */
declare function env(name: string): string | undefined

/**
 * The text of a file of up to 64 MiB, without a byte order mark; what is not UTF-8 becomes
 * U+FFFD. A relative path begins at the folder of the script. Throws for a file that is not
 * below that, unless `--allow-read` allows it, and for one that cannot be read.
 */
declare function readText(path: string): string

/** The bytes of a file, otherwise like `readText`. */
declare function readBytes(path: string): Uint8Array

/** Waits so many milliseconds. */
declare function sleep(ms: number): Promise<void>

/** Throws if the condition is not true, which fails the run unless it is caught. */
declare function assert(condition: unknown, message?: string): asserts condition

/** Throws, which fails the run unless it is caught. */
declare function fail(message?: string): never

/** Ends the command with an exit code from 0 to 255: nothing of the script runs after it. Throws a TypeError for another code. */
declare function exit(code?: number): never

/** Calls f once, after so many milliseconds. Returns what `clearTimeout` takes. */
declare function setTimeout<A extends unknown[]>(f: (...args: A) => unknown, ms?: number, ...args: A): number
/** Calls f each so many milliseconds, at least 1. Returns what `clearInterval` takes. */
declare function setInterval<A extends unknown[]>(f: (...args: A) => unknown, ms?: number, ...args: A): number
/** Ends a timer, if it still runs. */
declare function clearTimeout(id: number | undefined): void
/** Ends a timer, if it still runs. */
declare function clearInterval(id: number | undefined): void
/** Calls f when what runs now has paused, before any timer or message. */
declare function queueMicrotask(f: () => void): void

// What browsers have too is declared as the library of the DOM does, so that both go together.

interface Console {
  /** Prints a line: on stdout in connect, on stderr in serve. Objects are printed as JSON, bytes in hex. Throws nothing. */
  log(...values: any[]): void
  /** The same as `log`. */
  info(...values: any[]): void
  /** The same as `log`. */
  debug(...values: any[]): void
  /** The same as `log`. */
  warn(...values: any[]): void
  /** The same as `log`. It fails nothing. */
  error(...values: any[]): void
}
/** Prints. */
declare var console: Console

interface Performance {
  /** Milliseconds since the script began, with fractions. */
  now(): number
}
/** Measures time. */
declare var performance: Performance

interface Crypto {
  /**
   * Fills an array of integers with random numbers, and returns it. Throws for another array,
   * and for more than 65536 bytes.
   */
  getRandomValues<T extends ArrayBufferView>(array: T): T
  /** A random UUID, version 4. */
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`
}
/** Random numbers that nobody can guess, and that no `--seed` fixes. */
declare var crypto: Crypto

/** Decodes base64 into a string with a character for each byte. Throws for what is none. */
declare function atob(data: string): string
/** Encodes a string as base64, a byte for each character. Throws for characters beyond U+00FF. */
declare function btoa(data: string): string

interface TextEncoder {
  /** Always 'utf-8'. */
  readonly encoding: string
  /** The bytes of a string in UTF-8. */
  encode(input?: string): Uint8Array
  /** Encodes as much of a string as fits. */
  encodeInto(source: string, destination: Uint8Array): TextEncoderEncodeIntoResult
}
interface TextEncoderEncodeIntoResult {
  /** How many units of UTF-16 were read. */
  read: number
  /** How many bytes were written. */
  written: number
}
/** Encodes strings as UTF-8. */
declare var TextEncoder: {
  prototype: TextEncoder
  new(): TextEncoder
}

interface TextDecoderOptions {
  /** Throw a TypeError for what is not UTF-8, instead of decoding it as U+FFFD. */
  fatal?: boolean
  /** Keep a byte order mark instead of dropping it. */
  ignoreBOM?: boolean
}
interface TextDecoder {
  /** Always 'utf-8'. */
  readonly encoding: string
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  /** The string that the bytes are in UTF-8. */
  decode(input?: wskit.Bytes, options?: TextDecodeOptions): string
}
interface TextDecodeOptions {
  /** There are no streams: true throws a TypeError. */
  stream?: boolean
}
/** Decodes UTF-8. Throws a RangeError for another encoding. */
declare var TextDecoder: {
  prototype: TextDecoder
  new(label?: string, options?: TextDecoderOptions): TextDecoder
}

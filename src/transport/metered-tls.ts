/** A TLS socket whose peer may send only so many records without data, or before its upgrade. */
import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { type RecordReader, RecordStream, type RecordStreamOptions } from './record-stream.ts';

export class MeteredTls extends TLSSocket implements RecordReader {
  readonly #records: RecordStream;
  #dataRecords = 0;

  constructor(tcp: Socket, options: TLSSocketOptions, recordOptions: RecordStreamOptions) {
    const records = new RecordStream(tcp, recordOptions);
    super(records, options);
    this.#records = records;
    records.attach(this);
  }

  get dataRecords(): number {
    return this.#dataRecords;
  }

  /** It is upgraded: from now on, its read shares bound what it may send. */
  finishOpening(): void {
    this.#records.finishOpening();
  }

  /** Node calls it for each record with data, and with null at the end. */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk !== null) this.#dataRecords++;
    return super.push(chunk, encoding);
  }
}

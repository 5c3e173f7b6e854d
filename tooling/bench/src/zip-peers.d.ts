// The parts of two peers that the cases use; they come without types.
declare module "yazl" {
  export class ZipFile {
    readonly outputStream: NodeJS.ReadableStream;
    addBuffer(
      content: Uint8Array,
      path: string,
      options: { readonly compress: boolean; readonly mtime: Date },
    ): void;
    end(): void;
  }
}

declare module "yauzl" {
  export interface Entry {
    readonly fileName: string;
  }
  export interface ZipFile {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<AsyncIterable<Uint8Array>>;
  }
  export function fromBufferPromise(archive: Buffer): Promise<ZipFile>;
}

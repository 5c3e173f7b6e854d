// The part of a peer that the cases use; it comes without types.
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

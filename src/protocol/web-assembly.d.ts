/** What `plain-text.ts` uses of WebAssembly. Neither TypeScript's ECMAScript library nor Node's types declare it. */
declare namespace WebAssembly {
  /** @throws if the bytes are no module, or use what this engine does not have */
  const Module: new (bytes: Uint8Array) => object;
  /** @throws {RangeError} if there is no address space for its memory */
  const Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
  const Memory: abstract new () => { readonly buffer: ArrayBuffer };
}

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A file that the page is made of. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Reads the files of the page, by the path that a browser asks for. There are no others, whatever the path says. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  return new Map(
    await Promise.all(
      [
        {
          path: "/",
          file: import.meta.resolve("@sigilrt/page/page.html"),
          type: "text/html; charset=utf-8",
        },
        {
          path: "/page.js",
          file: import.meta.resolve("@sigilrt/page/page.js"),
          type: "text/javascript; charset=utf-8",
        },
        {
          path: "/page.css",
          file: import.meta.resolve("@sigilrt/page/page.css"),
          type: "text/css; charset=utf-8",
        },
        {
          path: "/icon.svg",
          file: import.meta.resolve("@sigilrt/page/icon.svg"),
          type: "image/svg+xml",
        },
      ].map(async ({ path, file, type }): Promise<[string, PageFile]> => [
        path,
        { type, bytes: await readFile(fileURLToPath(file)) },
      ]),
    ),
  );
}

/** What goes with every answer: nothing is loaded but these files, nothing frames them, and no text becomes markup or a script. */
export const pageHeaders = {
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

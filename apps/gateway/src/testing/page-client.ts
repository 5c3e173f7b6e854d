import { type IncomingHttpHeaders, request } from "node:http";

/** An answer of the page's listener. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What is sent. Headers are those of a browser on the page itself, unless others are given; `undefined` leaves one out. */
export interface PageAsk {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Asks the listener without a browser, so that every header can be another. */
export function askPage(origin: string, path: string, ask: PageAsk = {}): Promise<PageAnswer> {
  const { port, host } = new URL(origin);
  const { method = ask.body === undefined ? "GET" : "POST", body } = ask;
  const wanted = {
    host,
    ...(method === "GET" ? {} : { origin, "content-type": "application/json" }),
    ...ask.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  );
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.once("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(parts).toString("utf8"),
        }),
      );
      answer.once("error", reject);
    });
    asking.once("error", reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The headers of somebody who is signed in. */
export interface SignedIn {
  readonly cookie: string;
  readonly "x-sigil-key": string;
}

/** Signs in. @throws Error when that is refused */
export async function signInTo(
  origin: string,
  given: { readonly link: string } | { readonly token: string },
): Promise<SignedIn> {
  const { status, headers, text } = await askPage(origin, "/v1/session", { body: given });
  if (status !== 200) throw new Error(text);
  const { key }: { key: string } = JSON.parse(text);
  return { cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "", "x-sigil-key": key };
}

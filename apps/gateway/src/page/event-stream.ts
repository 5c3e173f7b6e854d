import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { pageHeaders } from "./page-files.ts";
import type { DecisionFeed } from "./decision-feed.ts";

const BACKLOG = 200;
const BEAT_MS = 15_000;

/** How a stream of decisions is written. */
export interface EventStreamOptions {
  /** What the reader had last, as it was told. */
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
  /** Asked from time to time whether the reader may still read. */
  readonly stands: () => Promise<boolean>;
}

/** Writes decisions as server-sent events until the reader leaves or may no longer read. What a slow reader has lost is counted for them. */
export async function streamDecisions(
  response: ServerResponse,
  feed: DecisionFeed,
  { lastEventId, signal, stands }: EventStreamOptions,
): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  response.writeHead(200, { ...pageHeaders, "content-type": "text/event-stream; charset=utf-8" });
  response.write("retry: 1000\n\n");
  const beat = setInterval(() => {
    response.write(": beat\n\n");
    stands().then(
      (holds) => !holds && over.abort(),
      () => over.abort(),
    );
  }, BEAT_MS);
  try {
    for await (const { number, dropped, decision } of feed.read(
      placeOf(lastEventId, feed),
      until,
    )) {
      const lost = dropped > 0 ? `event: dropped\ndata: ${dropped}\n\n` : "";
      const event = `id: ${feed.epoch}/${number}\nevent: decision\ndata: ${JSON.stringify(decision)}\n\n`;
      if (!response.write(`${lost}${event}`)) {
        await once(response, "drain", { signal: until }).catch(() => undefined);
      }
    }
  } finally {
    clearInterval(beat);
  }
  response.end();
}

/** Goes on where this feed was read to; a place in the feed of an earlier start is none. */
function placeOf(lastEventId: string | undefined, feed: DecisionFeed): number {
  const [epoch, number = ""] = (lastEventId ?? "").split("/");
  const isOurs = epoch === feed.epoch && /^\d{1,15}$/u.test(number);
  return isOurs ? Math.min(Number(number) + 1, feed.latest(0)) : feed.latest(BACKLOG);
}

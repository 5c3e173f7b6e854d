/** Writes a `grpc-timeout`: at most 8 digits and a unit, rounded up to at least 1 ms. */
export function formatTimeout(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole <= 99_999_999) return `${whole}m`;
  return `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}

/** Reads a `grpc-timeout` in milliseconds; `undefined` when it is malformed. */
export function parseTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/u.exec(text);
  const unit = UNIT_MS.get(match?.[2] ?? "");
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1000],
  ["m", 1],
  ["u", 0.001],
  ["n", 0.000_001],
]);

/** Calls `expire` after `ms`, also where a timer cannot wait so long. Answers how to stop waiting. */
export function after(ms: number, expire: () => void): () => void {
  const longest = 2_147_483_647;
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(
      () => (left > longest ? wait(left - longest) : expire()),
      Math.max(0, Math.min(left, longest)),
    );
  };
  wait(ms);
  return () => clearTimeout(timer);
}

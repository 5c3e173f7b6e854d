import type { MicroUsd } from "@sigilrt/envelope";
import type { JsonObject } from "@sigilrt/journal";
import type { OperationHandler } from "../operation.ts";

/** What a model answered, and how much of it there was. */
export interface ModelAnswer {
  /** The answer, in JSON. */
  readonly result: JsonObject;
  /** Tokens that were read; `undefined` when the provider does not say. */
  readonly inputTokens: number | undefined;
  /** Tokens that were written; `undefined` when the provider does not say. */
  readonly outputTokens: number | undefined;
}

/** Asks a model, such as a provider plugin. */
export type ModelCaller = (
  params: JsonObject,
  options: { readonly signal: AbortSignal },
) => Promise<ModelAnswer>;

/** What a model costs, in millionths of a dollar for a million tokens: dollars per token times 10^12. */
export interface ModelPrice {
  /** For what is read. */
  readonly inputPerMillion: MicroUsd;
  /** For what is written. */
  readonly outputPerMillion: MicroUsd;
}

/**
 * Makes the handler of a model call. Its estimate was set aside before; it is settled at the price of the tokens that the provider
 * counted, rounded up, or at the estimate when it did not count.
 */
export function modelCall(ask: ModelCaller, price: ModelPrice): OperationHandler {
  return {
    external: true,
    async run({ params }, { signal }) {
      const { result, inputTokens, outputTokens } = await ask(params, { signal });
      const cost = priceOf(price, inputTokens, outputTokens);
      return { status: "ok", result, ...(cost === undefined ? {} : { cost }) };
    },
  };
}

const MILLION = 1_000_000n;

function priceOf(
  { inputPerMillion, outputPerMillion }: ModelPrice,
  input: number | undefined,
  output: number | undefined,
): MicroUsd | undefined {
  if (!isCount(input) || !isCount(output)) return undefined;
  const exact = BigInt(input) * inputPerMillion + BigInt(output) * outputPerMillion;
  return (exact + MILLION - 1n) / MILLION;
}

const isCount = (tokens: number | undefined): tokens is number =>
  Number.isSafeInteger(tokens) && Number(tokens) >= 0;

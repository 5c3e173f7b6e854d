/* oxlint-disable oxc/no-map-spread, unicorn/no-useless-spread -- bytes are written as lists of bytes */
import { BodyMaker, type Shape } from "./generate-body.ts";
import { bytesOf, leb, type Random, section, vector } from "./generate-bytes.ts";

const types = [0x7f, 0x7e, 0x7d, 0x7c] as const;

/** Makes a valid module from a seed. `handlers` allows exceptions, which Node has from 24 on. */
export function generateModule(
  random: Random,
  { handlers }: { readonly handlers: boolean },
): Uint8Array {
  const signatures = Array.from({ length: random.upTo(4) + 2 }, () => ({
    parameters: random.list(3, () => random.of(types)),
    results: random.list(1, () => random.of(types)),
  }));
  const functions = Array.from({ length: random.upTo(5) + 2 }, () =>
    random.upTo(signatures.length - 1),
  );
  const shape: Shape = {
    signatures,
    functions,
    globals: [0x7f, 0x7e, 0x7f],
    handlers,
    tables: 1,
    passiveData: 1,
    passiveElements: 1,
  };
  const tag = signatures.length;
  const bodies = functions.map((type) => new BodyMaker(shape, type, random).make());
  const bounded = random.upTo(1) === 1;
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      vector([
        ...signatures.map(({ parameters, results }) => [
          0x60,
          ...vector(parameters.map((type) => [type])),
          ...vector(results.map((type) => [type])),
        ]),
        [0x60, 0, 0],
      ]),
    ),
    ...section(3, vector(functions.map((type) => leb(type)))),
    ...section(4, vector([bounded ? [0x70, 1, ...leb(8), ...leb(40)] : [0x70, 0, ...leb(8)]])),
    ...section(5, vector([bounded ? [1, 1, 6] : [0, 1]])),
    ...(handlers ? section(13, vector([[0, ...leb(tag)]])) : []),
    ...section(
      6,
      vector([
        [0x7f, 1, 0x41, 5, 0x0b],
        [0x7e, 1, 0x42, 7, 0x0b],
        [0x7f, 1, 0x41, 0, 0x0b],
      ]),
    ),
    ...section(
      7,
      vector([
        [...bytesOf("memory"), 2, 0],
        [...bytesOf("g0"), 3, 0],
        [...bytesOf("g1"), 3, 1],
        ...functions.map((_, index) => [...bytesOf(`f${index}`), 0, ...leb(index)]),
      ]),
    ),
    ...section(
      9,
      vector([
        [0, 0x41, 0, 0x0b, ...vector(functions.slice(0, 6).map((_, index) => leb(index)))],
        [1, 0, ...vector(functions.map((_, index) => leb(index)))],
      ]),
    ),
    ...section(12, leb(2)),
    ...section(10, vector(bodies.map((body) => [...leb(body.length), ...body]))),
    ...section(
      11,
      vector([
        [0, 0x41, 16, 0x0b, ...bytesOf("active data of sixteen bytes and more")],
        [1, ...bytesOf("passive data")],
      ]),
    ),
  ]);
}

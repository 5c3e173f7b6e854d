const COLUMNS = 100;
const CHARACTER = { width: 8, height: 18 };
const MARGIN = 16;
const MAX_LINES = 400;

/** What a line is, by how it begins. */
const kinds = [
  { begins: /^\$ /u, style: "command" },
  { begins: /^# /u, style: "remark" },
  { begins: /REFUSED|^\(exit code|^ +\+ /u, style: "alarm" },
] as const;

/**
 * Draws what a terminal showed as an SVG image: the same text gives the same bytes. It holds text alone, no script and nothing from
 * elsewhere.
 *
 * @throws RangeError for more lines than a reader would scroll through
 */
export function terminalSvg(title: string, transcript: string): string {
  const lines = transcript.trimEnd().split("\n").flatMap(wrapped);
  if (lines.length > MAX_LINES) {
    throw new RangeError(
      `Cannot draw "${title}": ${lines.length} lines, ${MAX_LINES} are the most`,
    );
  }
  const width = COLUMNS * CHARACTER.width + 2 * MARGIN;
  const height = lines.length * CHARACTER.height + 2 * MARGIN;
  const drawn = lines.map(({ text, style }, index) => {
    const y = MARGIN + (index + 1) * CHARACTER.height - 5;
    return `<text x="${MARGIN}" y="${y}" class="${style}">${encoded(text)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${encoded(title)}">`,
    "<style>text{font:13px ui-monospace,Menlo,Consolas,monospace;white-space:pre;fill:#d4d4d8}.command{fill:#86efac}.remark{fill:#93c5fd}.alarm{fill:#fca5a5}</style>",
    `<rect width="100%" height="100%" rx="8" fill="#18181b"/>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

interface Line {
  readonly text: string;
  readonly style: string;
}

function wrapped(line: string): readonly Line[] {
  const style = kinds.find(({ begins }) => begins.test(line))?.style ?? "said";
  const characters = Array.from(line);
  const pieces: Line[] = [];
  for (let at = 0; at === 0 || at < characters.length; at += COLUMNS) {
    pieces.push({ text: characters.slice(at, at + COLUMNS).join(""), style });
  }
  return pieces;
}

/** Text of a plugin stands here too: none of it is markup, and no control character is left. */
const encoded = (text: string): string =>
  text
    .replaceAll(/\p{Cc}/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** What the Worker of an index begins with. */
export interface IndexWorkerData {
  readonly directory: string;
  /** Not 0: what is being read ends after the portion. */
  readonly stop: Int32Array;
}

/** What the Worker is to do. One at a time; each but `close`, which ends the Worker, is answered by a report. */
export type IndexOrder =
  /** Read what the journal has more. */
  | { readonly kind: "catch-up" }
  /** Drop the rows of segments before this one. */
  | { readonly kind: "forget"; readonly before: number }
  /** Remove the file; the next order makes it anew. */
  | { readonly kind: "remove" }
  | { readonly kind: "close" };

/** What came of an order. */
export type IndexReport =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      readonly message: string;
      /** Whether the file is damaged, so that another one may do. */
      readonly isDamage: boolean;
    };

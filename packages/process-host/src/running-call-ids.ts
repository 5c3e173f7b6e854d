/** The calls of one plugin that run now, by the ids the host gave them. */
export interface RunningCallIds {
  /** Adds one; answers how it is forgotten. */
  begin(id: string): () => void;
  /** Answers what aborts with the call of this id; `undefined` when none runs. */
  signalOf(id: string): AbortSignal | undefined;
}

/** Makes the list of one plugin. */
export function createRunningCallIds(): RunningCallIds {
  const running = new Map<string, AbortController>();
  return {
    begin(id) {
      const controller = new AbortController();
      running.set(id, controller);
      return () => {
        if (running.get(id) === controller) running.delete(id);
        controller.abort(new DOMException("the call has ended", "AbortError"));
      };
    },
    signalOf: (id) => running.get(id)?.signal,
  };
}

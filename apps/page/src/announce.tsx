import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";

let tell: ((text: string) => void) | undefined;

/** Says something to who listens to the page rather than looks at it. */
export function announce(text: string): void {
  tell?.(text);
}

/** The one place where announcements stand. */
export function Announcer(): ComponentChild {
  const [text, setText] = useState("");
  useEffect(() => {
    tell = setText;
    return () => (tell = undefined);
  }, []);
  return (
    <p class="unseen" role="status">
      {text}
    </p>
  );
}

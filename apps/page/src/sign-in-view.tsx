import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { messageOf, signIn, type Who } from "./client.ts";
import { Heading, Note } from "./parts.tsx";

/** Asks for what signs in. */
export function SignInView({
  fault,
  signedIn,
}: {
  readonly fault: string | undefined;
  readonly signedIn: (who: Who) => void;
}): ComponentChild {
  const [text, setText] = useState("");
  const [refusal, setRefusal] = useState(fault);
  const submit = async (): Promise<void> => {
    const given = text.trim();
    const link = /#link=([\w-]+)$/u.exec(given)?.[1];
    try {
      signedIn(await signIn(link === undefined ? { token: given } : { link }));
    } catch (error) {
      setRefusal(messageOf(error));
    }
  };
  return (
    <main class="sign-in" id="main">
      <Heading text="Sign in" />
      <p>
        Open the link that <code>sigil up</code> printed, or paste it or an operator's token here.
        The link works once.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label class="field">
          Link or token
          <input
            type="password"
            autocomplete="off"
            required
            aria-describedby={refusal === undefined ? undefined : "refusal"}
            aria-invalid={refusal !== undefined}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Sign in
        </button>
      </form>
      <div id="refusal" role="alert">
        {refusal === undefined ? null : <Note tone="bad">{refusal}</Note>}
      </div>
    </main>
  );
}

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { ask, type Who } from "./client.ts";
import type { Approval, Review } from "./facts.ts";
import { Act, useOutcome } from "./parts.tsx";

/** Where a person agrees, or does not. */
export function Agreement({
  review,
  who,
  name,
  digest,
}: {
  readonly review: Review;
  readonly who: Who;
  readonly name: string;
  readonly digest: string;
}): ComponentChild {
  const [person, setPerson] = useState("");
  const [isDone, setDone] = useState(false);
  const { outcome, attempt } = useOutcome();
  const user = who.isPerson ? {} : { user: person.trim() };
  const isNameless = !who.isPerson && person.trim() === "";
  const approve = (): Promise<void> =>
    attempt(
      async () => {
        const approval = await ask<Approval>("POST", `/v1/reviews/${name}/approve`, {
          digest,
          ...user,
        });
        setDone(true);
        return approval;
      },
      ({ version, user: agreed, gateway }) => {
        const words = `Approved ${name} ${version} by ${agreed}`;
        return gateway?.outcome === "refused"
          ? [
              "warn",
              `${words}; the gateway did not take it over: ${gateway.message ?? gateway.code ?? ""}`,
            ]
          : ["good", `${words}; the gateway has it now`];
      },
    );
  const reject = (): Promise<void> =>
    attempt(
      async () => {
        await ask("POST", `/v1/reviews/${name}/reject`, user);
        setDone(true);
      },
      () => ["good", `Rejected ${name}; what was approved before stays`],
    );
  return (
    <section class="panel" aria-labelledby="agree">
      <h2 id="agree">Your decision</h2>
      {isDone ? null : (
        <>
          {who.isPerson ? (
            <p>
              It goes on record as that of <strong>{who.name}</strong>.
            </p>
          ) : (
            <label class="field">
              Your name, as it goes on record
              <input
                type="text"
                autocomplete="name"
                maxLength={256}
                value={person}
                onInput={(event) => setPerson(event.currentTarget.value)}
              />
            </label>
          )}
          <p>
            Approving pins the bytes{" "}
            <code>{digest.slice(digest.indexOf(":") + 1).slice(0, 16)}…</code>
          </p>
          <div class="acts">
            {review.faults.length > 0 ? null : (
              <Act text="Approve" about={name} look="main" disabled={isNameless} run={approve} />
            )}
            <Act text="Reject" about={name} look="danger" disabled={isNameless} run={reject} />
          </div>
        </>
      )}
      {outcome}
    </section>
  );
}

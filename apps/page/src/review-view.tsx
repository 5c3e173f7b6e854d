import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { announce } from "./announce.tsx";
import { ask, messageOf, type Who } from "./client.ts";
import type { Approval, Review, SurfaceChange, Waiting } from "./facts.ts";
import { Act, Badge, Facts, Heading, Lines, Note, useAsked, useOutcome } from "./parts.tsx";
import { type DifferentLine, differenceOf } from "./text-difference.ts";
import { Untrusted, visible } from "./untrusted.tsx";

/** What waits for a person, and one of it in full. */
export function ReviewView({
  plugin,
  who,
}: {
  readonly plugin: string | undefined;
  readonly who: Who;
}): ComponentChild {
  return plugin === undefined ? (
    <WaitingList />
  ) : (
    <OneReview key={plugin} plugin={plugin} who={who} />
  );
}

const stands = {
  staged: { tone: "warn", text: "waits for a review" },
  awaiting_consent: { tone: "warn", text: "nobody agreed to it" },
  refused: { tone: "bad", text: "refused" },
} as const;

function WaitingList(): ComponentChild {
  const { value: waiting, fault } = useAsked<readonly Waiting[]>("/v1/reviews", 5_000);
  return (
    <>
      <Heading text="Review" />
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {waiting?.length === 0 ? (
        <p>Nothing waits. What sigil add brings stands here until a person has agreed to it.</p>
      ) : null}
      <ul class="cards">
        {(waiting ?? []).map(({ name, state, version, source, reason }) => (
          <li key={name}>
            <article class="card" aria-labelledby={`waiting-${name}`}>
              <header>
                <h2 id={`waiting-${name}`}>
                  <a href={`#/review/${name}`}>
                    <Untrusted text={name} />
                  </a>
                </h2>
                <Badge {...stands[state]} />
              </header>
              <Facts
                rows={[
                  ...(version === undefined
                    ? []
                    : [["Version", <Untrusted text={version} />] as const]),
                  ...(source === undefined ? [] : [["From", <Untrusted text={source} />] as const]),
                ]}
              />
              {reason === undefined ? null : <Untrusted text={reason} />}
            </article>
          </li>
        ))}
      </ul>
    </>
  );
}

function OneReview({
  plugin,
  who,
}: {
  readonly plugin: string;
  readonly who: Who;
}): ComponentChild {
  const [review, setReview] = useState<Review>();
  const [fault, setFault] = useState<string>();
  const begin = async (): Promise<void> => {
    setFault(undefined);
    setReview(undefined);
    try {
      setReview(await ask<Review>("POST", `/v1/reviews/${plugin}`, {}));
      announce(`Review of ${plugin} is here`);
    } catch (error) {
      setFault(messageOf(error));
      announce(messageOf(error));
    }
  };
  return (
    <>
      <Heading text={`Review ${plugin}`} />
      <p>
        <a href="#/review">All that waits</a>
      </p>
      <p>
        A review starts the plugin once, contained and with nothing granted, to see what it offers.
        What you then agree to is exactly what is shown: these bytes, these rights, these texts.
      </p>
      <Act
        text={review ? "Review again" : "Begin the review"}
        look={review ? "" : "main"}
        run={begin}
      />
      {fault === undefined ? null : (
        <Note tone="bad">
          <Untrusted text={fault} />
        </Note>
      )}
      {review ? <Shown key={review.digest} review={review} who={who} /> : null}
    </>
  );
}

function Shown({ review, who }: { readonly review: Review; readonly who: Who }): ComponentChild {
  const { name, version, description, digest, source, locked, changes, files, faults } = review;
  const isApproved = locked?.digests.includes(digest) === true && changes.length === 0;
  return (
    <>
      <section aria-labelledby="is">
        <h2 id="is">What it is</h2>
        <Facts
          rows={[
            ["Version", <Untrusted text={version} />],
            [
              "Approved",
              locked ? <Untrusted text={locked.version} /> : "no version of it: it is new",
            ],
            ["From", <Untrusted text={source} />],
            ["Bytes", <code>{digest}</code>],
            ...(description === undefined
              ? []
              : [["Says", <Untrusted text={description} />] as const]),
          ]}
        />
      </section>
      <section aria-labelledby="touches">
        <h2 id="touches">What it can touch</h2>
        <Lines lines={review.touches} />
        <h3>Rights, with the author's reasons</h3>
        <Lines lines={review.rights} />
        {review.notes.map((note) => (
          <Note key={note} tone="warn">
            <Untrusted text={note} />
          </Note>
        ))}
      </section>
      {locked ? (
        <section aria-labelledby="changed">
          <h2 id="changed">Changed since it was approved</h2>
          {changes.length === 0 ? (
            <p>It says the same of itself and asks for the same rights.</p>
          ) : null}
          {changes.map((change) => (
            <Change key={`${change.list} ${change.name} ${change.member ?? ""}`} change={change} />
          ))}
          {files.length === 0 ? null : (
            <>
              <h3>Files</h3>
              <Lines lines={files} />
            </>
          )}
        </section>
      ) : null}
      <section aria-labelledby="tools">
        <h2 id="tools">Tools, in its own words</h2>
        {review.surface.tools.length === 0 ? <p>none</p> : null}
        <dl class="tools-told">
          {review.surface.tools.map((tool) => (
            <div key={tool.name}>
              <dt>
                <Untrusted text={tool.name} />
              </dt>
              <dd class="told">
                <Untrusted text={tool.description} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      {faults.length > 0 ? (
        <Note tone="bad">
          It cannot be approved: <Untrusted text={faults.join("; ")} />
        </Note>
      ) : null}
      {isApproved ? (
        <Note tone="good">This is what is approved and locked.</Note>
      ) : (
        <Agreement review={review} who={who} name={name} digest={digest} />
      )}
    </>
  );
}

const kinds = { capabilities: "Right", hooks: "Hook", tools: "Tool" } as const;

function Change({ change }: { readonly change: SurfaceChange }): ComponentChild {
  const { list, name, member, before, after } = change;
  const what = before === undefined ? "new" : after === undefined ? "gone" : "changed";
  return (
    <article class="change">
      <h3>
        {kinds[list]} <Untrusted text={name} />
        {member === undefined ? ` is ${what}` : `, ${member} ${what}`}
      </h3>
      <pre class="difference">
        {differenceOf(before, after).map((line, index) => (
          <Line key={index} line={line} isPart={line.before + line.after !== ""} />
        ))}
      </pre>
    </article>
  );
}

function Line({
  line,
  isPart,
}: {
  readonly line: DifferentLine;
  readonly isPart: boolean;
}): ComponentChild {
  const text = (
    <bdi>
      {visible(line.before)}
      {isPart && line.middle !== "" ? <mark>{visible(line.middle)}</mark> : visible(line.middle)}
      {visible(line.after)}
    </bdi>
  );
  return line.sign === "-" ? (
    <del>
      <span aria-hidden="true">− </span>
      <span class="unseen">before: </span>
      {text}
      {"\n"}
    </del>
  ) : (
    <ins>
      <span aria-hidden="true">+ </span>
      <span class="unseen">now: </span>
      {text}
      {"\n"}
    </ins>
  );
}

function Agreement({
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

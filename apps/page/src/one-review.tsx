import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { Agreement } from "./agreement.tsx";
import { announce } from "./announce.tsx";
import { ask, messageOf, type Who } from "./client.ts";
import type { Review } from "./facts.ts";
import { Act, Facts, Heading, Lines, Note, Touches } from "./parts.tsx";
import { Change } from "./surface-change.tsx";
import { Untrusted } from "./untrusted.tsx";

/** One plugin as a person has to see it before they agree. */
export function OneReview({
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
        <Touches lines={review.touches} />
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

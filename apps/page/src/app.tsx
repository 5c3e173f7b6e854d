import type { ComponentChild } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Announcer } from "./announce.tsx";
import { AuditView } from "./audit-view.tsx";
import { ask, messageOf, signIn, signOut, type Who } from "./client.ts";
import { DecisionsView } from "./decisions-view.tsx";
import { HealthView } from "./health-view.tsx";
import { PluginsView } from "./plugins-view.tsx";
import { ReviewView } from "./review-view.tsx";
import { SignInView } from "./sign-in-view.tsx";

const views = [
  ["plugins", "Plugins"],
  ["decisions", "Decisions"],
  ["review", "Review"],
  ["audit", "Audit"],
  ["health", "Health"],
] as const;

type Session =
  | { readonly state: "unknown" }
  | { readonly state: "out"; readonly fault?: string }
  | { readonly state: "in"; readonly who: Who };

/** The page. */
export function App(): ComponentChild {
  const [session, setSession] = useState<Session>({ state: "unknown" });
  const [place, setPlace] = useState(location.hash);
  useEffect(() => {
    void begin().then(setSession);
    const move = (): void => setPlace(location.hash);
    addEventListener("hashchange", move);
    return () => removeEventListener("hashchange", move);
  }, []);
  const signedOut = useCallback(
    () => setSession({ state: "out", fault: "The session has ended" }),
    [],
  );
  if (session.state === "unknown") return <p class="empty">Connecting…</p>;
  if (session.state === "out") {
    const signedIn = (who: Who): void => setSession({ state: "in", who });
    return <SignInView fault={session.fault} signedIn={signedIn} />;
  }
  const [, view = "plugins", subject] = place.split("/");
  const leave = (): void => void signOut().finally(() => setSession({ state: "out" }));
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector("h1")?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <span class="name">Sigil gateway</span>
        <nav aria-label="Views">
          <ul>
            {views.map(([path, name]) => (
              <li key={path}>
                <a href={`#/${path}`} aria-current={path === view ? "page" : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <span class="who">
          {session.who.name}{" "}
          <button type="button" class="small" onClick={leave}>
            Sign out
          </button>
        </span>
      </header>
      <main id="main">{viewOf(view, subject, session.who, signedOut)}</main>
      <Announcer />
    </>
  );
}

function viewOf(
  view: string,
  subject: string | undefined,
  who: Who,
  signedOut: () => void,
): ComponentChild {
  switch (view) {
    case "decisions":
      return <DecisionsView signedOut={signedOut} />;
    case "review":
      return <ReviewView plugin={subject} who={who} />;
    case "audit":
      return <AuditView />;
    case "health":
      return <HealthView />;
    default:
      return <PluginsView />;
  }
}

/** Signs in with a link, which is taken out of the address at once, or goes on with the session that there is. */
async function begin(): Promise<Session> {
  const link = /^#link=([\w-]+)$/u.exec(location.hash)?.[1];
  if (link !== undefined) history.replaceState(null, "", "/");
  try {
    const who = link === undefined ? await ask<Who>("GET", "/v1/session") : await signIn({ link });
    return { state: "in", who };
  } catch (error) {
    return link === undefined ? { state: "out" } : { state: "out", fault: messageOf(error) };
  }
}

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { type RunningChromium, startChromium } from "@sigilrt/testing/chromium";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "../testing/approval-bench.ts";
import { httpClient } from "../testing/clients.ts";
import { openCutProxy } from "../testing/cut-proxy.ts";
import { type RunningGateway, startGateway } from "../testing/start-gateway.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

describeWith(["chromium", "bwrap"], "the operator's page, in Chromium", () => {
  let chromium: RunningChromium;
  let bench: ApprovalBench;
  let gateway: RunningGateway;
  let origin: string;
  let signedInAt: string;
  let readableCookie: unknown;
  let session: { readonly state: StorageState; readonly key: string };
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    bench = await openApprovalBench();
    bench.write("1.0.0", "Counts the words");
    await bench.sigil("add", bench.source);
    [chromium, gateway] = await Promise.all([startChromium(), startGateway(bench.config)]);
    origin = gateway.page.split("/#")[0] ?? "";
    const first = await chromium.browser.newContext();
    const signing = await first.newPage();
    await signing.goto(gateway.page);
    await signing.getByRole("heading", { level: 1, name: "Plugins" }).waitFor();
    signedInAt = signing.url();
    readableCookie = await signing.evaluate("document.cookie");
    const key = String(await signing.evaluate("sessionStorage.getItem('sigil-key')"));
    session = { state: await first.storageState(), key };
    await first.close();
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await chromium[Symbol.asyncDispose]();
    bench[Symbol.dispose]();
  });
  beforeEach(async () => {
    const viewport = { width: 1_200, height: 850 };
    context = await chromium.browser.newContext({ viewport, storageState: session.state });
    page = await context.newPage();
    complaints = [];
    // Whatever breaks the policy, fails or leads elsewhere is a complaint.
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/`)) complaints.push(request.url());
    });
  });
  afterEach(() => context.close());

  const heading = (name: string): Promise<void> =>
    page.getByRole("heading", { level: 1, name }).waitFor();
  /** Opens a view with the session that the link began. */
  const openView = async (path: string, name: string, at = origin): Promise<void> => {
    await page.addInitScript(`sessionStorage.setItem("sigil-key", "${session.key}")`);
    await page.goto(`${at}/#/${path}`);
    await heading(name);
  };
  /** What axe finds against WCAG 2.2 AA, as rule and place. */
  const violations = async (): Promise<readonly string[]> => {
    const isolated = await context.newCDPSession(page);
    // In a world of its own: the page's policy lets no script in, and it stays in force.
    const { frameTree } = await isolated.send("Page.getFrameTree");
    const { executionContextId } = await isolated.send("Page.createIsolatedWorld", {
      frameId: frameTree.frame.id,
    });
    const run = async (expression: string): Promise<unknown> => {
      const { result, exceptionDetails } = await isolated.send("Runtime.evaluate", {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
      return result.value;
    };
    await run(axe);
    const found = await run(
      `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
        .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + " " + html)))`,
    );
    return Array.isArray(found) ? found.map(String) : ["axe did not run"];
  };
  /** Walks to a control as somebody without a mouse does. */
  const tabTo = async (name: string): Promise<void> => {
    for (let steps = 0; steps < 60; steps += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one key after the other
      await page.keyboard.press("Tab");
      // oxlint-disable-next-line no-await-in-loop -- as above
      const focused = await page.evaluate(
        "document.activeElement?.labels?.[0]?.textContent ?? document.activeElement?.textContent",
      );
      if (String(focused).startsWith(name)) return;
    }
    throw new Error(`No way by keyboard to "${name}"`);
  };

  it("takes the link out of the address, and shows the cookie to no script", () => {
    expect([signedInAt, readableCookie]).toEqual([`${origin}/`, ""]);
  });

  it("lets nobody in with a link that was used, and no tab without its key", async () => {
    await page.goto(gateway.page);
    await page.getByRole("alert").getByText("is used up").waitFor();
    expect(page.url()).toBe(`${origin}/`);
    await page.reload();
    await heading("Sign in");
    expect(await violations()).toEqual([]);
  });

  it("approves and rejects by the keyboard alone, and shows what changed", async () => {
    await openView("plugins", "Plugins");
    await tabTo("Review");
    await page.keyboard.press("Enter");
    await heading("Review");
    await tabTo("counter");
    await page.keyboard.press("Enter");
    await heading("Review counter");
    await tabTo("Begin the review");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your decision" }).waitFor();
    await tabTo("Your name");
    await page.keyboard.type("Ada");
    await tabTo("Approve");
    await page.keyboard.press("Space");
    await page.getByText("Approved counter 1.0.0 by Ada; the gateway has it now").first().waitFor();
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["counter.count"]);

    // From here on it runs, and the review starts another beside it.
    expect(await client.callTool({ name: "counter.count", arguments: {} })).toMatchObject({
      content: [{ text: "Counts the words" }],
    });
    bench.write("1.1.0", "Counts the words and sends them on");
    await bench.sigil("add", bench.source);
    await page.reload();
    await heading("Review counter");
    await page.getByRole("button", { name: "Begin the review" }).click();
    const difference = page.locator(".difference").first();
    await difference.waitFor();
    expect(await difference.textContent()).toMatch(
      /before: Counts the words\n.*now: Counts the words and sends them on/su,
    );
    expect(await page.locator("ins mark").first().innerText()).toBe("words and sends them on");
    await page.getByLabel("Your name").fill("Ben");
    await page.getByRole("button", { name: "Reject" }).click();
    await page.getByText("Rejected counter").first().waitFor();
    const tools = await client.listTools();
    expect(tools.tools.map(({ description }) => description)).toEqual(["Counts the words"]);
    await client.close();
    const told = (await bench.sigil("audit", "tail")).out;
    expect(told).toMatch(/consent\.given.*by Ada/u);
    expect(told).toMatch(/plugin\.refused {2}\(rejected\).*by Ben/u);
    expect(complaints).toEqual([]);
  });

  it("shows decisions while they are made, lets them be held, and explains a denial", async () => {
    await openView("decisions", "Decisions");
    await page.locator(".badge", { hasText: "live" }).waitFor();
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    const deny = (name: string): Promise<unknown> =>
      client.callTool({ name, arguments: {} }).catch(() => undefined);
    await deny("counter.erase");
    const row = page.getByRole("row").filter({ hasText: "tool.counter.erase" });
    await row.locator(".badge.bad").waitFor();
    await row.getByRole("button", { name: "Explain" }).click();
    const why = page.getByRole("region", { name: "Why" });
    await why.getByText("stops it").first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await deny("counter.other");
    await page.getByRole("button", { name: "Go on (1 new)" }).waitFor();
    expect(await page.getByText("tool.counter.other", { exact: true }).count()).toBe(0);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("tool.counter.other", { exact: true }).waitFor();
    await page.getByLabel("Filter").fill("erase");
    expect(await page.getByRole("row").filter({ hasText: "tool.counter.other" }).count()).toBe(0);
    expect(await violations()).toEqual([]);
    await client.close();
    expect(complaints).toEqual([]);
  });

  it("comes back by itself when the connection is lost, and misses nothing", async () => {
    await using between = await openCutProxy(origin);
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    const decide = (name: string): Promise<unknown> =>
      client.callTool({ name, arguments: {} }).catch(() => undefined);
    await openView("decisions", "Decisions", between.origin);
    await page.locator(".badge", { hasText: "live" }).waitFor();
    await decide("counter.first");
    const first = page.getByText("tool.counter.first", { exact: true });
    await first.waitFor();
    expect(between.lastHeader("last-event-id")).toBeUndefined();
    between.cut();
    await page.getByText("connection lost").waitFor();
    await decide("counter.second");
    between.mend();
    await page.getByText("tool.counter.second", { exact: true }).waitFor();
    expect(between.lastHeader("last-event-id")).toMatch(/\/\d+$/u);
    expect(await first.count()).toBe(1);
    await client.close();
  });

  it("shows a stranger's markup and hidden characters as text", async () => {
    bench.write("1.0.1", `${markup} \u202eesrever`, `description: ${JSON.stringify(markup)}\n`);
    await bench.sigil("add", bench.source);
    await openView("review/counter", "Review counter");
    await page.getByRole("button", { name: "Begin the review" }).click();
    await page.getByText("It cannot be approved").waitFor();
    for (const name of ["What it is", "Tools, in its own words"]) {
      // oxlint-disable-next-line no-await-in-loop -- one part after the other
      expect(await page.getByRole("region", { name }).getByText(markup).count()).toBe(1);
    }
    const tools = page.getByRole("region", { name: "Tools, in its own words" });
    expect(await tools.getByText("\\u{202e}esrever").count()).toBe(1);
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);
    expect(await page.title()).toBe("Review counter – Sigil gateway");
    expect(await violations()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each(["light", "dark"] as const)(
    "has no fault of accessibility in any view, %s",
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await openView("plugins", "Plugins");
      const found: string[] = [];
      for (const [link, ready] of [
        ["Plugins", "What it may touch"],
        ["Decisions", "live"],
        ["Review", "waits"],
        ["Audit", "consent given"],
        ["Health", "Running since"],
      ] as const) {
        /* oxlint-disable no-await-in-loop -- one view after the other */
        await page.getByRole("link", { name: link }).click();
        await heading(link);
        await page.getByText(ready).first().waitFor();
        if (link === "Plugins") await page.getByText(ready).click();
        if (link === "Plugins") await page.getByRole("heading", { name: "Granted" }).waitFor();
        if (link === "Audit") await page.getByRole("button", { name: "Verify" }).click();
        if (link === "Audit") await page.getByText("verifies:").first().waitFor();
        found.push(...(await violations()));
        /* oxlint-enable no-await-in-loop */
      }
      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  it("loses nothing at 320 pixels, which is 400 % on a small screen", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await openView("plugins", "Plugins");
    for (const link of ["Plugins", "Review", "Audit", "Health"]) {
      /* oxlint-disable no-await-in-loop -- one view after the other */
      await page.getByRole("link", { name: link }).click();
      await heading(link);
      expect([link, await page.evaluate(overflow)]).toEqual([link, 0]);
      /* oxlint-enable no-await-in-loop */
    }
  });

  it("stops and starts a plugin, and says so to who listens", async () => {
    await bench.sigil("stop", "counter");
    await openView("plugins", "Plugins");
    const card = page.getByRole("article", { name: "counter" });
    await card.getByRole("button", { name: "Start counter" }).click();
    await page.getByRole("status").getByText("counter: started").waitFor();
    await card.getByText("running").waitFor();
    await card.getByRole("button", { name: "Stop counter" }).click();
    await page.getByRole("status").getByText("counter: stopped").waitFor();
    expect((await bench.sigil("audit", "tail")).out).toMatch(
      /allowed {2}admin\.stop\.counter.*by operator:/u,
    );
    expect(complaints).toEqual([]);
  });
});

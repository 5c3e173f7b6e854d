import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Internet, openInternet } from "./testing/internet.ts";
import { limits } from "./testing/requests.ts";

const site = "internet.example.org";
// The one program here that no package of Debian brings in a reasonable size.
const hasGo = spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;

describeWith(
  ["bwrap", "prlimit", "python", "curl"],
  "an unmodified program with a granted destination",
  () => {
    let internet: Internet;
    let url: string;
    beforeAll(async () => {
      internet = await openInternet();
      url = `http://${site}:${internet.port}`;
    });
    afterAll(() => internet[Symbol.asyncDispose]());
    beforeEach(() => {
      for (const list of [internet.seen, internet.decisions, internet.resolved]) list.length = 0;
    });
    const allowedOf = ({ decisions }: Internet) =>
      decisions.map(({ host, outcome }) => `${outcome} ${host}`);

    it("is Node with fetch", async () => {
      const { stdout, stderr, exit } = await internet.confined.node(
        `const a = await fetch("${url}/a?b"); console.log(a.status, await a.text());
       const p = await fetch("${url}/p", { method: "POST", body: "sent" }); console.log(await p.text());
       const n = await fetch("http://other.example.org:${internet.port}/").catch((e) => ({ status: "refused" })); console.log(n.status);`,
        { grants: internet.grants(site) },
      );
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^200 hello \nhello sent\n(?:403|refused)\n$/);
      expect(exit).toEqual({ code: 0, signal: null, reason: "exited" });
      expect(internet.seen.map(({ line, host }) => `${line} ${host}`)).toEqual([
        `GET /a?b HTTP/1.1 ${site}:${internet.port}`,
        `POST /p HTTP/1.1 ${site}:${internet.port}`,
      ]);
      expect(allowedOf(internet)).toContain("denied other.example.org");
      expect(new Set(internet.resolved)).toEqual(new Set([site]));
    });

    it("is Python with urllib", async () => {
      await internet.confined.addCode(
        "main.py",
        `import urllib.request, urllib.error, http.client
print(urllib.request.urlopen("${url}/py", data=b"sent").read().decode())
try: urllib.request.urlopen("http://other.example.org:${internet.port}/")
except urllib.error.HTTPError as error: print(error.code)
tunnel = http.client.HTTPConnection("127.0.0.1", 3128)
tunnel.set_tunnel("${site}", ${internet.port})
tunnel.request("GET", "/tunnel")
print(tunnel.getresponse().read().decode())
`,
      );
      await using started = await internet.confined.start({
        command: ["python3", "/plugin/main.py"],
        grants: internet.grants(site),
      });
      expect(await text(started.stdout)).toBe("hello sent\n403\nhello \n");
      expect(internet.seen.map(({ line }) => line)).toEqual([
        "POST /py HTTP/1.1",
        "GET /tunnel HTTP/1.1",
      ]);
    });

    it("is curl, plainly, by a tunnel and by SOCKS", async () => {
      const quiet = "curl -sS -o - -w '%{http_code}\\n'";
      const { stdout, stderr } = await internet.confined.shell(
        `${quiet} ${url}/plain; ${quiet} -p ${url}/tunnel; ${quiet} --proxy $ALL_PROXY ${url}/socks
       ${quiet} http://other.example.org:${internet.port}/; ${quiet} --noproxy '*' ${url}/ || echo none; true`,
        { grants: [...internet.grants(site), "exec.*"] },
      );
      expect(stdout).toBe("hello 200\nhello 200\nhello 200\n403\n000\nnone\n");
      expect(stderr).toContain("Could not resolve host");
      expect(internet.decisions.map(({ protocol }) => protocol)).toEqual([
        "http",
        "connect",
        "socks5",
        "http",
      ]);
      expect(internet.seen.map(({ host }) => host)).toEqual(
        Array.from({ length: 3 }, () => `${site}:${internet.port}`),
      );
    });

    it.skipIf(!hasGo)(
      `is Go with net/http${hasGo ? "" : " (not proven here: needs go)"}`,
      async () => {
        const { code } = internet.confined;
        const source = `${internet.confined.root}/main.go`;
        await writeFile(
          source,
          `package main
import ("bytes"; "fmt"; "io"; "net/http"; "os")
func main() {
	answer, err := http.Post(os.Args[1], "text/plain", bytes.NewBufferString("sent"))
	if err != nil { fmt.Println(err); return }
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(body))
	answer, err = http.Get(os.Args[2])
	fmt.Println(answer.StatusCode, err)
}
`,
        );
        execFileSync("go", ["build", "-o", `${code}/main`, source], {
          env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GO111MODULE: "off" },
        });
        await using started = await internet.confined.start({
          command: ["main", `${url}/go`, `http://other.example.org:${internet.port}/`],
          grants: internet.grants(site),
          limits: { ...limits, memoryBytes: 1_073_741_824, fileBytes: 16_777_216 },
        });
        expect(await text(started.stdout)).toBe("200 hello sent\n403 <nil>\n");
      },
    );
  },
);

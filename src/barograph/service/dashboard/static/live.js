(() => {
  // Parts of a page name the messages that concern them; when one comes they are fetched anew and put in place.
  // Without this, or without a connection, a page shows what was so when it was loaded.
  const own = document.currentScript;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const sign = document.getElementById("live");
  const status = document.getElementById("live-said");
  const WAIT = 400; // ms in which messages are gathered
  const sameView = (part, said) =>
    (!part.dataset.study || !said.study || part.dataset.study === said.study)
    && (!part.dataset.alert || !said.id || part.dataset.alert === said.id);
  // Each part as the server wrote it: this script runs before the one that draws.
  const served = new Map();
  const wanted = new Set();
  let timer = 0;
  let busy = false;

  const written = (part) => {
    const at = document.activeElement;
    return part.contains(at) && ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName);
  };
  const focusKept = (part, change) => {
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    const href = at && at.getAttribute("href");
    change();
    if (href) [...part.querySelectorAll("a")].find((one) => one.getAttribute("href") === href)?.focus();
  };
  const put = (part, fresh) => {
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    part.querySelectorAll(".plot[data-drawn]").forEach((box) => Plotly.purge(box));
    focusKept(part, () => part.replaceChildren(...fresh.childNodes));
    [...part.querySelectorAll("details")].forEach((one, place) => { one.open = open[place] ?? one.open; });
    part.dataset.changed = String(Number(part.dataset.changed || 0) + 1);
  };
  const refresh = async () => {
    timer = 0;
    if (busy) { timer = setTimeout(refresh, WAIT); return; }
    const ids = [...wanted].filter((id) => !written(document.getElementById(id)));
    if (!ids.length) { if (wanted.size) timer = setTimeout(refresh, 2000); return; }
    busy = true;
    try {
      const answer = await fetch(own.dataset.here, {
        headers: { "x-barograph-live": "1" }, credentials: "same-origin", redirect: "follow",
      });
      if (answer.redirected) { location.assign(own.dataset.here); return; }
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      let changed = false;
      ids.forEach((id) => {
        wanted.delete(id);
        const part = document.getElementById(id);
        const fresh = page.getElementById(id);
        if (!fresh || fresh.innerHTML === served.get(id)) return;
        served.set(id, fresh.innerHTML);
        put(part, fresh);
        changed = true;
      });
      if (changed) {
        document.dispatchEvent(new Event("barograph:changed"));
        status.textContent = `${status.dataset.new} ${new Date().toLocaleTimeString()}`;
      }
    } catch { /* the service is away; the feed says so, and comes again by itself */ } finally { busy = false; }
  };
  const need = (part) => {
    wanted.add(part.id);
    if (!timer) timer = setTimeout(refresh, WAIT);
  };
  const everything = () => parts().forEach(need);
  const told = (kind, said) => parts()
    .filter((part) => part.dataset.live.split(" ").includes(kind) && sameView(part, said)).forEach(need);

  let source = null;
  const show = (level) => {
    sign.hidden = false;
    sign.dataset.level = level;
    sign.textContent = sign.dataset[level];
  };
  const begin = () => {
    if (source || document.visibilityState !== "visible") return;
    source = new EventSource(own.dataset.stream);
    source.addEventListener("open", () => show("now"));
    source.addEventListener("error", () => {
      show("lost");
      if (source.readyState === EventSource.CLOSED) { end(); setTimeout(begin, 5000); }
    });
    ["hello", "reload"].forEach((kind) => source.addEventListener(kind, everything));
    ["alert", "reading", "limit", "registry", "model", "study", "scores"].forEach((kind) =>
      source.addEventListener(kind, (message) => told(kind, JSON.parse(message.data))));
  };
  const end = () => { if (source) { source.close(); source = null; } };
  parts().forEach((part) => served.set(part.id, part.innerHTML));
  if (parts().length) {
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? begin() : end()));
    window.addEventListener("pagehide", end);
    window.addEventListener("pageshow", begin);
    begin();
  }

  // A file is read into the field beside it: forms carry text.
  document.querySelectorAll("[data-needs-script]").forEach((one) => { one.hidden = false; });
  document.querySelectorAll("input[data-into]").forEach((file) => file.addEventListener("change", async () => {
    if (file.files.length) document.getElementById(file.dataset.into).value = await file.files[0].text();
  }));
})();

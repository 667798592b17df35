// Fills placements with banners, and counts those that are seen:
//   <div data-bams-campaign="12" data-bams-size="300x250" style="min-height:250px"></div>
//   <script async src="https://pictures.example.com/embed.js"></script>
(() => {
  "use strict";
  const warn = (problem, ...where) => console.warn(`BAMS: ${problem}`, ...where);
  if (window.bams?.fill) return window.bams.fill();

  // Modules, loaders and optimisers hide which script this is: then an attribute has to say it.
  const isOurs = (script) => /\/embed\.js([?#]|$)/.test(script?.src);
  const current = document.currentScript;
  const tag = document.querySelector("[data-bams-server]") ||
    (isOurs(current) ? current : document.querySelector('script[src*="/embed.js"]'));
  if (!tag) return warn('say where the server is: data-bams-server="https://…" of any element');
  const server = tag.dataset.bamsServer?.replace(/\/+$/, "") || tag.src.replace(/\/embed\.js.*/, "");
  const { origin } = new URL(server, location.href);
  const notrack = "bamsNotrack" in tag.dataset;
  const credentials = notrack ? "omit" : "include";
  // Whether this page may read answers.
  let mode = origin === location.origin ? "cors" : "no-cors";

  const count = (url, tries) => {
    fetch(url, { mode, credentials, keepalive: true }).then(
      // Not stored: send it again.
      ({ status }) => status === 503 && tries && setTimeout(count, 5000, url, tries - 1),
      () => {},
    );
  };

  // Seen is what was half in view for a second, in the tab in front.
  const watch = (image, url) => {
    let inView, observer, timer;
    const look = () => {
      clearTimeout(timer);
      if (inView && !document.hidden) timer = setTimeout(seen, 1000);
    };
    const seen = () => {
      observer?.disconnect();
      document.removeEventListener("visibilitychange", look);
      count(url, 3);
    };
    const begin = () => {
      document.addEventListener("visibilitychange", look);
      inView = !window.IntersectionObserver;
      if (inView) return look();
      observer = new IntersectionObserver((changes) => {
        inView = changes.pop().intersectionRatio >= 0.5;
        look();
      }, { threshold: 0.5 });
      observer.observe(image);
    };
    // A broken image is not seen.
    if (image.complete && image.naturalWidth) begin();
    else image.addEventListener("load", begin, { once: true });
  };

  // What may be linked or shown.
  const web = (text) => {
    const { protocol, href } = new URL(text, origin);
    if (!/^https?:$/.test(protocol)) throw new Error(`${protocol} is refused`);
    return href;
  };

  const draw = (banner) => {
    const image = new Image();
    image.alt = banner.alt || banner.name;
    // The room is kept, and a narrow page shrinks the picture.
    if (banner.width) image.width = banner.width;
    if (banner.height) image.height = banner.height;
    Object.assign(image.style, { maxWidth: "100%", height: "auto", verticalAlign: "top" });
    const parts = { image, node: image, source: web(banner.image_url) };
    watch(image, web(banner.impression_url));
    if (!banner.click_url) return parts;
    parts.node = document.createElement("a");
    Object.assign(parts.node, { href: web(banner.click_url), target: "_blank", rel: "noopener sponsored" });
    parts.node.append(image);
    return parts;
  };

  // What a placement had in it before its first banner, what is asked for it until there is an answer, and
  // the banners that were drawn for it last.
  const houses = new WeakMap();
  const asked = new WeakMap();
  const drawings = new WeakMap();

  const number = (text) => (/^\d+$/.test(text) ? +text : text);

  const end = (place, reason) => {
    if (reason) {
      drawings.delete(place);
      if (houses.has(place)) place.replaceChildren(...houses.get(place));
    }
    asked.delete(place);
    place.dataset.bamsReason = reason;
    const detail = { campaign: number(place.dataset.bamsCampaign), reason };
    place.dispatchEvent(new CustomEvent(reason ? "bams:empty" : "bams:filled", { bubbles: true, detail }));
  };

  // Calls back when a placement is not far from view.
  const whenNear = (place, then) => {
    if (!window.IntersectionObserver) return then();
    const observer = new IntersectionObserver((changes) => {
      if (!changes.some((it) => it.isIntersecting)) return;
      observer.disconnect();
      then();
    }, { rootMargin: "100%" });
    observer.observe(place);
  };

  // What is in a placement stays until a picture has loaded, and comes back when none does.
  const show = (place, banners) => {
    const house = houses.get(place) || [...place.childNodes];
    houses.set(place, house);
    const isBare = !house.some((it) => it.nodeType === 1 || it.textContent.trim());
    let drawn = banners.map(draw);
    drawings.set(place, banners);
    // A placement that was filled anew meanwhile has others.
    const isLate = () => drawings.get(place) !== banners;
    let isFilled = false;
    const fill = () => {
      if (isFilled || isLate()) return;
      isFilled = true;
      place.replaceChildren(...drawn.map((it) => it.node));
      end(place, "");
    };
    const load = () => drawn.forEach((it) => { it.image.src = it.source; });
    for (const part of drawn) {
      part.image.addEventListener("load", fill, { once: true });
      part.image.addEventListener("error", () => {
        drawn = drawn.filter((it) => it !== part);
        if (isFilled) part.node.remove();
        if (!drawn.length && !isLate()) end(place, "image_failed");
      }, { once: true });
    }
    if (!isBare) return whenNear(place, load);
    for (const { image } of drawn) image.loading = "lazy";
    load();
    fill();
  };

  const sizesOf = (place) => place.dataset.bamsSize?.split(/[\s,]+/).filter(Boolean);

  // The room for the highest of the sizes asked for, as wide as the placement is.
  const keepRoom = (place) => {
    const heights = (sizesOf(place) || []).map((size) => {
      const [width, height] = size.split("x").map(Number);
      return height * Math.min(1, place.clientWidth / width || 1) || 0;
    });
    const height = Math.max(0, ...heights);
    if (height && !place.style.minHeight) place.style.minHeight = `${height}px`;
  };

  // What this tab was shown: for browsers that keep no cookie of this server.
  const key = `bams ${server}`;
  const remembered = () => {
    try { return JSON.parse(sessionStorage.getItem(key)) || {}; } catch { return {}; }
  };
  const remember = (placements, visitor, isFresh) => {
    const all = visitor === "new" ? remembered() : {};
    if (isFresh) placements.forEach((it) => { delete all[it.campaign_id]; });
    for (const { campaign_id: id, banners } of visitor === "new" ? placements : []) {
      const seen = (all[id]?.seen || []).concat(banners.map((it) => it.banner_id));
      all[id] = { seen: seen.slice(-200), page: banners.length };
    }
    try { sessionStorage.setItem(key, JSON.stringify(all)); } catch { /* Then nothing is remembered. */ }
  };

  const placement = (place, id) => {
    const { bamsCampaign, bamsCount } = place.dataset;
    return { id: `${id}`, campaign_id: number(bamsCampaign), count: bamsCount && number(bamsCount), size: sizesOf(place) };
  };

  const wish = ({ dataset: it }) => JSON.stringify([it.bamsCampaign, it.bamsCount, it.bamsSize]);

  // Says why there is no answer that this page may read.
  const explain = (error) => {
    if (!(error instanceof TypeError)) return warn(error.message);
    if (location.protocol === "file:") return warn("a page in a file may not ask: open it from a web server, or take the frame");
    fetch(`${server}/healthz`, { mode: "no-cors", credentials: "omit" }).then(
      () => warn(`pages of ${location.origin} may not ask ${server}: add it to its cors.allowed_origins`),
      () => warn(`${server} cannot be reached, or this page's Content-Security-Policy lacks it in connect-src`),
    );
  };

  // Returns an answer with its body. Fails where there is none that this page may read.
  const decisions = async (request) => {
    const answer = await fetch(`${server}/api/v1/decisions`, {
      method: "POST",
      credentials,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      signal: window.AbortSignal?.timeout?.(30000),
    });
    const body = await answer.json().catch(() => ({}));
    if (answer.ok ? body.placements : body.errors) return { answer, body };
    throw new Error(`${server} answered ${answer.status}${body.detail ? `: ${body.detail}` : ""}`);
  };

  // One request for all, so that no banner is there twice. Places that are wrong are told and left out.
  const ask = async (places, isFresh) => {
    if (!places.length) return;
    const placements = places.map(placement);
    const memory = notrack || isFresh ? {} : remembered();
    const known = placements.map((it) => memory[it.campaign_id]);
    const exclude = [...new Set(known.flatMap((it) => it?.seen || []))].slice(-1000);
    const wishes = places.map((it) => asked.get(it));
    const { answer, body } = await decisions({ placements, exclude, notrack });
    if (!answer.ok) {
      const wrong = new Map(body.errors.map((it) => [places[it.pointer?.split("/")[2]], it.detail]));
      wrong.delete(undefined);
      if (!wrong.size) throw new Error(JSON.stringify(body.errors));
      for (const [place, detail] of wrong) {
        warn(`this placement is wrong: ${detail}`, place);
        end(place, "invalid_placement");
      }
      return ask(places.filter((it) => !wrong.has(it)), isFresh);
    }
    mode = "cors";
    const decided = places.map((_, id) => body.placements[id]);
    // Everything was seen in this tab: a new cycle begins.
    const isShort = ({ banners, reason }, id) =>
      known[id] && (!reason || reason.startsWith("no_")) &&
      banners.length < Math.min(placements[id].count || 50, known[id].page);
    if (exclude.length && decided.some(isShort)) return ask(places, true);
    const visitor = answer.headers.get("Bams-Visitor");
    if (exclude.length && visitor === "new" && origin !== location.origin) {
      warn(`this browser keeps no cookie of ${origin}, so only this tab knows what it showed: ` +
        'pages of other sites need https and visitor.same_site = "none" there');
    }
    if (!notrack) remember(decided, visitor, isFresh);
    decided.forEach(({ banners, campaign_id: campaign, reason }, id) => {
      const place = places[id];
      // Something else was asked for it meanwhile.
      if (asked.get(place) !== wishes[id]) return;
      asked.delete(place);
      if (reason === "unknown_campaign") warn(`campaign ${campaign} does not exist`, place);
      if (reason) return end(place, reason);
      try {
        show(place, banners);
      } catch (error) {
        warn(error.message, place);
        end(place, "refused");
      }
    });
  };

  const ready = document.readyState === "loading"
    ? new Promise((then) => document.addEventListener("DOMContentLoaded", then, { once: true }))
    : Promise.resolve();

  const isWaiting = (place) => {
    const { bamsReason: reason } = place.dataset;
    return reason === "unanswered" || (reason === undefined && !drawings.has(place));
  };

  // Fills a placement or all in an element, anew if they are filled, or all of the page that wait.
  const fill = async (element) => {
    await ready;
    const inside = () => [...(element || document).querySelectorAll("[data-bams-campaign]")];
    const found = element?.dataset?.bamsCampaign ? [element] : inside().filter((it) => element || isWaiting(it));
    // The same is asked once at a time.
    const places = found.filter((it) => asked.get(it) !== wish(it));
    for (const place of places) {
      asked.set(place, wish(place));
      drawings.delete(place);
      delete place.dataset.bamsReason;
      keepRoom(place);
    }
    for (let first = 0; first < places.length; first += 50) {
      const some = places.slice(first, first + 50);
      const wishes = some.map((it) => asked.get(it));
      await ask(some).catch((error) => {
        explain(error);
        some.forEach((it, id) => asked.get(it) === wishes[id] && end(it, "unanswered"));
      });
    }
  };
  window.bams = { fill };

  // A frame has its banners already, and tells the page around it what became of them.
  const frame = () => {
    const images = [...document.querySelectorAll("img[data-bams-impression]")];
    const tell = (reason) =>
      parent.postMessage({ bams: reason ? "empty" : "filled", campaign: +document.body.dataset.bamsFrame, reason }, "*");
    let left = images.length;
    if (!left) return tell(document.body.dataset.bamsReason);
    const loaded = () => { if (left > 0) tell(""); left = -1; };
    for (const image of images) {
      watch(image, web(image.dataset.bamsImpression));
      delete image.dataset.bamsImpression;
      const failed = () => { image.remove(); if (!--left) tell("image_failed"); };
      if (image.complete) (image.naturalWidth ? loaded : failed)();
      image.addEventListener("load", loaded, { once: true });
      image.addEventListener("error", failed, { once: true });
    }
  };
  ready.then(() => ("bamsFrame" in document.body.dataset ? frame() : fill()));
})();

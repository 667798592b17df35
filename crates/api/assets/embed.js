// Fills placements with banners, and counts those that are seen:
//   <div data-bams-campaign="12" data-bams-count="2" data-bams-size="300x250"></div>
//   <script async src="https://ads.example/embed.js"></script>
(() => {
  "use strict";
  const tag = document.currentScript;
  const warn = (problem, ...where) => console.warn(`BAMS: ${problem}`, ...where);
  if (!tag) return warn("embed.js is no module");
  const { origin } = new URL(tag.src);
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
    image.loading = "lazy";
    image.alt = banner.alt || banner.name;
    if (banner.width) image.width = banner.width;
    if (banner.height) image.height = banner.height;
    image.src = web(banner.image_url);
    watch(image, web(banner.impression_url));
    if (!banner.click_url) return image;
    const link = document.createElement("a");
    Object.assign(link, { href: web(banner.click_url), target: "_blank", rel: "noopener sponsored" });
    link.append(image);
    return link;
  };

  // One request for all, so that no banner is there twice.
  const fill = async () => {
    const waiting = "[data-bams-campaign]:not([data-bams-reason])";
    const places = [...document.querySelectorAll(waiting)].slice(0, 50);
    if (!places.length) return;
    const placements = places.map(({ dataset: it }, id) => {
      it.bamsReason = "unanswered";
      const size = it.bamsSize?.split(/[\s,]+/).filter(Boolean);
      return { id: `${id}`, campaign_id: +it.bamsCampaign, count: it.bamsCount && +it.bamsCount, size };
    });
    try {
      const answer = await fetch(`${origin}/api/v1/decisions`, {
        method: "POST",
        credentials,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ placements, notrack }),
      });
      const body = await answer.json();
      if (!answer.ok) throw new Error(JSON.stringify(body.errors || body.detail));
      mode = "cors";
      places.forEach((place, id) => {
        const { banners, campaign_id, reason } = body.placements[id];
        if (reason === "unknown_campaign") warn(`campaign ${campaign_id} does not exist`, place);
        if (!reason) place.replaceChildren(...banners.map(draw));
        place.dataset.bamsReason = reason || "";
      });
    } catch (error) {
      warn(error.message);
    }
    fill();
  };

  const start = () => {
    // A frame has its banners already.
    for (const image of document.querySelectorAll("img[data-bams-impression]")) {
      watch(image, web(image.dataset.bamsImpression));
      delete image.dataset.bamsImpression;
    }
    fill();
  };
  if (document.readyState !== "loading") start();
  else document.addEventListener("DOMContentLoaded", start);
})();

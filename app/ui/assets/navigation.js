// Where users are and were: the menu of a phone, how far a page was scrolled, and the filter of a
// list that was left.
function followNavigation() {
  const NARROW = 768, PATIENCE = 30000, STEP = 100, CALM = 20;
  const main = () => document.querySelector('[data-testid="stMain"]');
  const address = () => location.pathname + location.search;
  const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)) ?? {}; } catch { return {}; } };
  const write = (key, name, value) => {
    const { [name]: _, ...others } = read(key);
    const kept = Object.entries(others).slice(-99);
    sessionStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(kept), [name]: value }));
  };

  // a tap in the menu of a phone closes it, also after a reload
  const closeMenu = () => {
    if (innerWidth > NARROW) return;
    const menu = document.querySelector('[data-testid="stSidebar"]');
    if (menu?.dataset.collapsed !== "false") return;
    menu.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-testid="stSidebar"] a[href]')) setTimeout(closeMenu, 0);
  });
  closeMenu();

  // the menu of the framework is lists with groups between list and entries, which screen readers
  // cannot count: without the roles of lists it is read as links
  const menu = document.querySelector('[data-testid="stSidebar"]');
  const mendLists = () => {
    for (const part of menu.querySelectorAll('[data-testid="stSidebarNav"] :is(ul, li):not([role])')) {
      part.setAttribute("role", "none");
    }
  };
  if (menu) {
    new MutationObserver(mendLists).observe(menu, { childList: true, subtree: true });
    mendLists();
  }

  // what is kept of a page that is left: how far it was scrolled, and the filter of a list. While
  // an earlier place is still being restored, that place is kept and not how far it has come.
  let here = address(), restoring = 0, wanted = 0;
  const keep = () => {
    write("donorcrm.scrolled", here, restoring ? wanted : main()?.scrollTop ?? 0);
    const { pathname, search } = new URL(here, location.href);
    write("donorcrm.lists", pathname, search);
  };
  for (const name of ["pushState", "replaceState"]) {
    const change = history[name];
    history[name] = function (...state) {
      if (name === "pushState") keep();
      const result = change.apply(this, state);
      here = address();
      return result;
    };
  }
  addEventListener("pagehide", keep);

  // a link back to a list has the filter that was left
  const complete = (event) => {
    const link = event.target.closest?.("a[data-last]");
    if (!link) return;
    const path = new URL(link.href).pathname;
    link.href = path + (read("donorcrm.lists")[path] ?? "");
  };
  for (const kind of ["pointerdown", "focusin"]) document.addEventListener(kind, complete, true);

  // Back, Forward and a reload lead to the place on the page, once it is long enough again
  const stop = () => { clearInterval(restoring); restoring = 0; };
  const restore = () => {
    stop();
    wanted = read("donorcrm.scrolled")[here] ?? 0;
    if (!wanted) return;
    let calm = 0, left = PATIENCE / STEP;
    restoring = setInterval(() => {
      const there = Math.abs(main().scrollTop - wanted) < 2;
      const busy = document.querySelector('[data-test-script-state="running"]');
      calm = there && !busy ? calm + 1 : 0;
      if (!there) main().scrollTo(0, wanted);
      left -= 1;
      if (calm >= CALM || left <= 0) stop();
    }, STEP);
    for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      document.addEventListener(kind, stop, { once: true, capture: true });
    }
  };
  addEventListener("popstate", (event) => {
    if (!event.isTrusted) return;
    keep();
    here = address();
    restore();
  });
  if (performance.getEntriesByType("navigation")[0]?.type === "reload") restore();
  return closeMenu;
}

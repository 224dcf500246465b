// What is ticked and pressed in one table or list, for the server. The boxes themselves know what is
// ticked: a tick made while the server answers an earlier one is kept.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const table = () => document.querySelector(`[data-table="${CSS.escape(data.table)}"]`);
  const boxes = () => [...(table()?.querySelectorAll('[data-tick]:not([data-tick="all"])') ?? [])];
  const all = () => table()?.querySelector('[data-tick="all"]');
  const showAll = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    if (!all()) return;
    all().checked = ticked > 0 && ticked === boxes().length;
    all().indeterminate = ticked > 0 && ticked < boxes().length;
  };

  const tell = () => {
    showAll();
    setStateValue("ticked", boxes().filter((box) => box.checked).map((box) => box.dataset.tick));
  };

  // a table that was drawn anew has only the ticks made before this script was here
  if (table() && !table().dataset.live) {
    table().dataset.live = "1";
    const early = boxes().some((box) => box.checked);
    for (const box of boxes()) box.checked ||= data.ticked.includes(box.dataset.tick);
    if (early) tell();
    else showAll();
  } else if (boxes().some((box) => box.checked !== data.ticked.includes(box.dataset.tick))) {
    // ticks in quick succession: the server has answered an earlier one and not got the last
    tell();
  }
  parentElement.stopListening?.();

  const onChange = (event) => {
    const box = event.target.closest?.("[data-tick]");
    if (!box || box.closest("[data-table]") !== table()) return;
    if (box === all()) for (const each of boxes()) each.checked = box.checked;
    tell();
  };
  const onClick = (event) => {
    const button = event.target.closest?.("[data-press]");
    if (!button || button.closest("[data-table]") !== table()) return;
    // not twice; a press that is refused can be tried again
    button.disabled = true;
    window.setTimeout(() => { button.disabled = false; }, 1500);
    setTriggerValue("pressed", { name: button.dataset.press, row: button.dataset.row });
  };
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  parentElement.stopListening = () => {
    document.removeEventListener("change", onChange);
    document.removeEventListener("click", onClick);
  };
  return parentElement.stopListening;
}

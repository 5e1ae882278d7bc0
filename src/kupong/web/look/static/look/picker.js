// Suggestions below a field: htmx fetches them, the arrow keys walk them, Enter or a click takes one.
// Without this script the field is a plain field, and the page asks again where what was typed is not clear.
(() => {
  const listOf = (field) => document.getElementById(field.dataset.picker);
  const fieldOf = (list) => document.querySelector(`[data-picker="${list.id}"]`);
  const options = (list) => [...list.querySelectorAll("[role=option]")];

  const prepare = (root) => {
    for (const field of root.querySelectorAll("[data-picker]")) {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-controls", field.dataset.picker);
      field.setAttribute("aria-expanded", "false");
    }
  };

  const close = (field) => {
    listOf(field).hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const mark = (field, option) => {
    for (const one of options(listOf(field))) {
      one.setAttribute("aria-selected", String(one === option));
    }
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const take = (field, option) => {
    field.value = option.dataset.value;
    field.dataset.taken = field.value;
    const said = document.getElementById(`${field.id}-picked`);
    if (said) said.textContent = option.dataset.name;
    close(field);
    const adds = field.dataset.adds && document.getElementById(field.dataset.adds);
    if (adds) adds.click();
    else field.dispatchEvent(new Event("picked", { bubbles: true }));
  };

  const step = (field, by) => {
    const all = options(listOf(field));
    if (!all.length) return;
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    mark(field, all[at < 0 && by < 0 ? all.length - 1 : (at + by + all.length) % all.length]);
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.dataset || !field.dataset.picker || listOf(field).hidden) return;
    const marked = listOf(field).querySelector("[aria-selected=true]");
    if (event.key === "ArrowDown") step(field, 1);
    else if (event.key === "ArrowUp") step(field, -1);
    else if (event.key === "Escape") close(field);
    else if (event.key === "Enter" && marked) take(field, marked);
    else return;
    event.preventDefault();
  });

  // Pressing must not take the focus from the field: it would close before it is clicked.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".picker-list")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const option = event.target.closest(".picker-list [role=option]");
    if (option) take(fieldOf(option.closest(".picker-list")), option);
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset || !field.dataset.picker) return;
    delete field.dataset.taken;
    const said = document.getElementById(`${field.id}-picked`);
    if (said) said.textContent = "";
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.dataset && event.target.dataset.picker) close(event.target);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const list = event.detail.target;
    if (!list.classList.contains("picker-list")) return;
    const field = fieldOf(list);
    const shown = options(list).length > 0 && field === document.activeElement && !field.dataset.taken;
    list.hidden = !shown;
    field.setAttribute("aria-expanded", String(shown));
    options(list).forEach((option, at) => {
      option.id = `${list.id}-${at}`;
    });
  });

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement || document));
  document.addEventListener("DOMContentLoaded", () => prepare(document));
})();

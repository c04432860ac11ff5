/**
 * The one script of the report: filters the executions, keeps the choice in the address after `#` (which works from a file, and is
 * never sent anywhere), and opens the execution that a link leads to. Without it everything is shown.
 */
export const script = `
(() => {
  const form = document.querySelector('form.filters');
  const status = form.querySelector('output');
  const selects = [...form.querySelectorAll('select')];
  const executions = [...document.querySelectorAll('details[data-host]')];
  const apply = () => {
    let shown = 0;
    for (const one of executions) {
      one.hidden = selects.some(({ name, value }) => value !== '' && one.dataset[name] !== value);
      if (!one.hidden) shown++;
    }
    status.value = shown + ' of ' + executions.length + ' executions shown';
  };
  const remember = () => {
    const chosen = new URLSearchParams(selects.filter(({ value }) => value !== '').map(({ name, value }) => [name, value]));
    history.replaceState(null, '', '#' + (chosen.size === 0 ? 'executions' : chosen));
  };
  const recall = () => {
    const hash = location.hash.slice(1);
    if (hash.includes('=')) {
      const chosen = new URLSearchParams(hash);
      for (const select of selects) {
        select.value = chosen.get(select.name) ?? '';
        if (select.selectedIndex < 0) select.value = '';
      }
      apply();
      form.scrollIntoView();
      return;
    }
    const target = executions.find(({ id }) => id === hash);
    if (target === undefined) return;
    if (target.hidden) { for (const select of selects) select.value = ''; apply(); }
    target.open = true;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener('change', () => { apply(); remember(); });
  form.addEventListener('reset', (event) => { event.preventDefault(); for (const select of selects) select.value = ''; apply(); remember(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', recall);
  apply();
  recall();
})();
`;

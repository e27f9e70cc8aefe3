// What the keyboard does in a waterfall.

/** Lets arrows and their like scroll what somebody reads beside. */
export function moving(work) {
  return (event) =>
    event.key.length > 1 && event.target.closest?.('.details, .map-panel, .map-tables')
      ? false
      : work();
}

/** The keys of a waterfall, for the view that has it. */
export function waterfallKeys(waterfall, page) {
  return [
    { key: ['j', 'ArrowDown'], label: 'Next row', run: moving(() => waterfall.step(1)) },
    { key: ['k', 'ArrowUp'], label: 'Row before', run: moving(() => waterfall.step(-1)) },
    {
      key: 'PageDown',
      label: 'A screen down',
      run: moving(() => waterfall.step(waterfall.list.page())),
    },
    {
      key: 'PageUp',
      label: 'A screen up',
      run: moving(() => waterfall.step(-waterfall.list.page())),
    },
    { key: ['Home', 'g'], label: 'First row', run: moving(() => waterfall.step(-1e9)) },
    { key: ['End', 'G'], label: 'Last row', run: moving(() => waterfall.step(1e9)) },
    { key: ['h', 'ArrowLeft'], label: 'Fold, or to the parent', run: () => waterfall.foldOrRise() },
    {
      key: ['l', 'ArrowRight'],
      label: 'Unfold, or to the first child',
      run: () => waterfall.unfoldOrEnter(),
    },
    {
      key: 'Enter',
      label: 'Details',
      run: () => waterfall.selectedIndex() >= 0 && page.open(waterfall.selectedIndex()),
    },
    { key: '[', label: 'Failure before', run: () => waterfall.seekFailure(-1) },
    { key: ']', label: 'Next failure', run: () => waterfall.seekFailure(1) },
    { key: ['+', '='], label: 'Zoom in', run: () => waterfall.view.zoom(0.6) },
    { key: '-', label: 'Zoom out', run: () => waterfall.view.zoom(1 / 0.6) },
    { key: '0', label: 'The whole time', run: () => waterfall.view.reset() },
    { key: ['<', ','], label: 'Earlier', run: () => waterfall.view.pan(-0.25) },
    { key: ['>', '.'], label: 'Later', run: () => waterfall.view.pan(0.25) },
  ];
}

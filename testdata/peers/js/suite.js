// A client of a test suite by Autobahn's convention, in Node and in a browser.

// visit runs all cases of the suite at base: it asks how many there are, echoes through each
// of them, and asks for the report. dial returns a new socket for a URL.
export async function visit(dial, base, agent) {
  const url = (path) => new URL(path, base).href;
  const name = encodeURIComponent(agent);
  let count = NaN;
  await hear(dial(url('/getCaseCount')), (message) => {
    count = Number(message);
  });
  if (!Number.isInteger(count)) throw new Error('the suite does not say how many cases there are');
  for (let n = 1; n <= count; n++) {
    const socket = dial(url(`/runCase?case=${n}&agent=${name}`));
    await hear(socket, (message) => socket.send(message));
  }
  await hear(dial(url(`/updateReports?agent=${name}`)), () => {});
}

// hear hands each message to take until the connection has ended, however it does.
function hear(socket, take) {
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => take(data));
    socket.addEventListener('error', () => {}); // the end follows
    socket.addEventListener('close', resolve);
  });
}

// What a page of imports does more with a script: the bar of an upload, and a run's progress as it comes. Without it the form posts
// as forms do and the page of a run reloads itself.

const form = document.querySelector('form[data-upload]');
if (form) form.addEventListener('submit', upload);

function upload(event) {
  event.preventDefault();
  const box = form.querySelector('[data-sent]');
  const words = box.querySelector('[data-words]');
  const bar = box.querySelector('progress');
  const button = form.querySelector('button');
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('accept', 'application/json');
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
    words.textContent = `Sending, ${Math.floor((100 * loaded) / total)} %`;
  });
  request.addEventListener('load', () => {
    const answer = parse(request.responseText);
    if (request.status === 200 && answer.to) location.assign(answer.to);
    else fail(answer.detail || 'The server refused the files.');
  });
  request.addEventListener('error', () => fail('The connection was lost before all was sent.'));
  box.hidden = false;
  button.disabled = true;
  request.send(new FormData(form));

  function fail(why) {
    words.textContent = why;
    bar.hidden = true;
    button.disabled = false;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const run = document.querySelector('[data-events]');
if (run) follow(run);

function follow(box) {
  const words = box.querySelector('[data-words]');
  const more = box.querySelector('[data-more]');
  const bar = box.querySelector('progress');
  const source = new EventSource(box.dataset.events);
  source.addEventListener('progress', ({ data }) => {
    const { state, stage, done, total, bytesPerSecond, secondsLeft } = JSON.parse(data);
    if (!stage) {
      // What it waits for stands there already.
      if (state !== 'waiting') words.textContent = 'Interrupted; it goes on by itself';
      return;
    }
    words.textContent = stage === 'reading' ? 'Checking the file' : 'Taking its readings in';
    bar.max = Math.max(total, 1);
    bar.value = done;
    const left = secondsLeft === undefined ? '' : `, about ${secondsLeft} s left`;
    more.textContent = `${Math.floor((100 * done) / Math.max(total, 1))} %, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s${left}`;
  });
  source.addEventListener('end', () => {
    source.close();
    location.reload();
  });
}

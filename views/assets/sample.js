// A chosen file's beginning goes into the text field, so that nobody has to copy it. Without scripts the field is filled by hand.
for (const input of document.querySelectorAll('input[type="file"][data-into]')) {
  const field = document.getElementById(input.dataset.into);
  if (!field) continue;
  input.disabled = false;
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    const text = await file.slice(0, field.maxLength).text();
    const end = text.lastIndexOf('\n');
    field.value = file.size > field.maxLength && end > 0 ? text.slice(0, end + 1) : text;
  });
}

/* Saves a plot as PNG, three times its size on the screen, for papers. */
for (const button of document.querySelectorAll("button.png")) {
  button.addEventListener("click", () => {
    const link = button.parentElement.querySelector("a.save");
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 3 * image.width;
      canvas.height = 3 * image.height;
      const context = canvas.getContext("2d");
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => {
        const save = document.createElement("a");
        save.href = URL.createObjectURL(blob);
        save.download = `${button.dataset.name}.png`;
        save.click();
        setTimeout(() => URL.revokeObjectURL(save.href), 10000);
      });
    };
    image.src = link.href;
  });
}

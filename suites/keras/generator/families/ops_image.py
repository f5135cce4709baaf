"""keras.ops.image."""

import numpy
from keras import ops

from draw import Draw
from recipes import recipe


@recipe(share=3)
def image_operation(draw: Draw):
    x = draw.tensor((6, 5, 3), low=0, high=1)
    height, width = draw.integers(2, 3, 8)
    return draw.choice(
        lambda: ops.image.resize(
            x, (height, width), interpolation=draw.choice("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
            antialias=draw.flag(),
        ),
        lambda: ops.image.resize(x, (height, width), crop_to_aspect_ratio=True),
        lambda: ops.image.resize(x, (height, width), pad_to_aspect_ratio=True, fill_value=0.5),
        lambda: ops.image.rgb_to_grayscale(x),
        lambda: ops.image.rgb_to_hsv(x),
        lambda: ops.image.hsv_to_rgb(x),
        lambda: ops.image.pad_images(x, draw.integer(0, 2), draw.integer(0, 2), draw.integer(0, 2), draw.integer(0, 2)),
        lambda: ops.image.crop_images(x, draw.integer(0, 2), draw.integer(0, 2), target_height=3, target_width=3),
        lambda: ops.image.extract_patches(x, 2, draw.integer(1, 2), padding=draw.choice("valid", "same")),
        lambda: ops.image.gaussian_blur(x, (3, 3), (1.0, 0.5)),
        lambda: ops.image.sobel_edges(x),
        lambda: ops.image.ssim(x, draw.tensor((6, 5, 3), low=0, high=1), filter_size=3),
        lambda: ops.image.map_coordinates(
            x, draw.values((4, 2, 3), low=0, high=2.5), draw.integer(0, 1),
            fill_mode=draw.choice("constant", "nearest", "wrap", "mirror", "reflect"),
        ),
        lambda: ops.image.perspective_transform(
            x, numpy.array([[[0, 0], [0, 4], [5, 0], [5, 4.0]]]), numpy.array([[[0.5, 0.2], [0.1, 3.6], [4.7, 0.3], [4.9, 3.9]]]),
            interpolation=draw.choice("bilinear", "nearest"),
        ),
        lambda: ops.image.scale_and_translate(
            x, (2, height, width, 3), draw.values((2,), low=0.5, high=1.5), draw.values((2,), low=-1, high=1), (1, 2),
            draw.choice("linear", "cubic", "lanczos3"), antialias=draw.flag(),
        ),
        lambda: ops.image.affine_transform(
            x, [1.0, 0.1, 0.2, -0.1, 1.0, 0.3, 0.0, 0.0], interpolation=draw.choice("bilinear", "nearest"),
            fill_mode=draw.choice("constant", "nearest", "reflect", "wrap"),
        ),
    )()  # fmt: skip

"""keras.ops.image."""

import numpy
from keras import ops

from draw import FLOATS, Draw
from families.image import INTERPOLATIONS
from recipes import recipe

FILL_MODES = ("constant", "nearest", "wrap", "reflect")


class Images:
    """Images as an operation takes them: a batch or a single one, channels last or first."""

    def __init__(self, draw: Draw, *, channels: int | None = None, dtypes=("float32", "float32", *FLOATS), high=1, single=True):
        self.data_format = draw.data_format()
        self.height, self.width = draw.integers(2, 3, 9)
        self.channels = channels or draw.integer(1, 4)
        last = self.data_format == "channels_last"
        self.shape = (self.height, self.width, self.channels) if last else (self.channels, self.height, self.width)
        self.dtype, self.high, self.single = draw.choice(*dtypes), high, single and draw.flag(0.3)
        self.tensor = self.another(draw)

    def another(self, draw: Draw):
        if self.single:
            return draw.tensor(self.shape[1:], self.dtype, low=0, high=self.high, batch_size=self.shape[0])
        return draw.tensor(self.shape, self.dtype, low=0, high=self.high)


@recipe(share=2)
def image_resize(draw: Draw):
    images = Images(draw, dtypes=("float32", *FLOATS, "uint8", "uint8", "int8", "int16", "int32"), high=120)
    fit = draw.choice({}, {}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": draw.integer(0, 9)})
    # The sine of Lanczos's kernels is TensorFlow's own, in float32: nothing agrees with it to the bounds of float64.
    methods = [name for name in INTERPOLATIONS if images.dtype != "float64" or not name.startswith("lanczos")]
    return ops.image.resize(
        images.tensor, draw.integers(2, 1, 14), interpolation=draw.choice(*methods), antialias=draw.flag(),
        data_format=images.data_format, **fit,
    )  # fmt: skip


@recipe()
def image_color(draw: Draw):
    if draw.flag(0.3):
        images = Images(draw, channels=draw.choice(1, 3), dtypes=("float32", *FLOATS, "uint8"), high=200)
        return ops.image.rgb_to_grayscale(images.tensor, data_format=images.data_format)
    images = Images(draw, channels=3)
    return draw.choice(ops.image.rgb_to_hsv, ops.image.hsv_to_rgb)(images.tensor, data_format=images.data_format)


@recipe()
def image_margins(draw: Draw):
    """Padding and cropping, each side of an axis given, or one of them and the size that comes of it."""
    images = Images(draw, dtypes=("float32", "float16", "uint8", "int32"), high=99)
    padding = draw.flag()
    what, sign = ("padding", 1) if padding else ("cropping", -1)
    arguments = {}
    for first, second, name, size in (("top", "bottom", "height", images.height), ("left", "right", "width", images.width)):
        before, after = draw.integers(2, 0, 3 if padding else (size - 1) // 2)
        given = {f"{first}_{what}": before, f"{second}_{what}": after, f"target_{name}": size + sign * (before + after)}
        del given[draw.choice(*given)]
        arguments |= given
    operation = ops.image.pad_images if padding else ops.image.crop_images
    return operation(images.tensor, **arguments, data_format=images.data_format)


@recipe()
def image_patches(draw: Draw):
    padding, data_format = draw.choice("valid", "same"), draw.data_format()
    if draw.flag(0.3):
        volumes = draw.tensor(draw.spatial(3, draw.integer(1, 2), data_format, 4, 6))
        size, strides = draw.integers(3, 1, 3), draw.choice(None, 1, draw.integers(3, 1, 2))
        return draw.choice(ops.image.extract_patches, ops.image.extract_patches_3d)(
            volumes, size, strides, padding=padding, data_format=data_format
        )
    images = Images(draw, dtypes=("float32", "float16", "float64"))
    size = draw.size_or_sizes(2, 1, 3)
    window = draw.choice({}, {"strides": draw.integer(1, 3)}, {"strides": draw.integers(2, 1, 3)}, {"strides": 1, "dilation_rate": 2})
    return ops.image.extract_patches(images.tensor, size, padding=padding, data_format=images.data_format, **window)


@recipe()
def image_filter(draw: Draw):
    kind = draw.choice("blur", "sobel", "ssim")
    images = Images(draw, dtypes=("float32", "float32", "float16", "float64"), single=kind != "sobel")
    if kind == "blur":
        size, sigma = draw.choice((3, 3), (5, 3), (1, 2), (4, 4)), (draw.real(0.3, 3), draw.real(0.3, 3))
        return ops.image.gaussian_blur(images.tensor, size, sigma, data_format=images.data_format)
    if kind == "sobel":
        return ops.image.sobel_edges(images.tensor, data_format=images.data_format)
    return ops.image.ssim(
        images.tensor, images.another(draw), max_val=draw.choice(1.0, 2.0), filter_size=draw.integer(1, 3),
        filter_sigma=draw.real(0.5, 2), k1=draw.choice(0.01, 0.1), k2=draw.choice(0.03, 0.2), data_format=images.data_format,
    )  # fmt: skip


@recipe(share=2)
def image_warp(draw: Draw):
    """Images read where a projection or an array of coordinates points, within them and outside."""
    # The coefficients of a perspective are solved in float32: no bounds but those of float32 hold for it.
    affine = draw.flag()
    exact = ("float64", "uint8", "int32") if affine else ()
    images = Images(draw, dtypes=("float32", "float16", "bfloat16", *exact), high=120)
    options = {"interpolation": draw.choice("bilinear", "nearest"), "data_format": images.data_format, "fill_value": draw.choice(0, 0.5, 3)}
    count = 1 if images.single or draw.flag() else 2
    if affine:
        numbers = draw.values((count, 8), low=-0.4, high=0.4) * [1, 1, 9, 1, 1, 9, 0.05, 0.05] + [1, 0, 0, 0, 1, 0, 0, 0]
        transform = numbers if count > 1 or draw.flag() else numbers[0]
        return ops.image.affine_transform(images.tensor, transform.astype("float32"), fill_mode=draw.choice(*FILL_MODES), **options)
    corners = numpy.array([[0, 0], [0, images.height - 1], [images.width - 1, 0], [images.width - 1, images.height - 1]], "float32")
    start, end = (corners + draw.values((count, 4, 2), low=-0.7, high=0.7) for _ in range(2))
    start, end = (start, end) if count > 1 or draw.flag() else (start[0], end[0])
    return ops.image.perspective_transform(images.tensor, start, end, **options)


@recipe()
def image_coordinates(draw: Draw):
    shape = draw.integers(draw.integer(1, 3), 2, 5)
    x = draw.tensor(shape, draw.choice("float32", "float32", "float64", "uint8", "int32"), low=0, high=99)
    places = draw.values((1 + len(shape), *draw.shape(1, 2)), low=-6, high=9)
    coordinates = draw.tensor(places.shape[1:], "float32", values=places, batch_size=len(places)) if draw.flag() else places
    return ops.image.map_coordinates(
        x, coordinates, draw.integer(0, 1), fill_mode=draw.choice(*FILL_MODES, "mirror"), fill_value=draw.choice(0, 2)
    )


@recipe()
def image_scaling(draw: Draw):
    """Scaling and translation along some axes, with constant or computed amounts."""
    # Not in bfloat16, in which Keras rounds the weights and the sums between the axes to eight bits.
    x = draw.tensor(draw.integers(3, 3, 7), draw.choice("float32", "float32", "float16", "float64", "uint8", "int32"), low=0, high=120)
    axes = draw.choice((1, 2), (1,), (2, 1), (-3, -2), (1, 2, 3))
    target = [2, *x.shape[1:]]
    for axis in axes:
        target[axis] = draw.integer(2, 9)
    dtype = "float64" if x.dtype == "float64" else "float32"
    scale, translation = draw.values((len(axes),), dtype, 0.3, 2), draw.values((len(axes),), dtype, -2, 2)
    if draw.flag(0.3):
        scale = draw.tensor((), dtype, values=scale, batch_size=len(axes))
    return ops.image.scale_and_translate(
        x, target, scale, translation, axes,
        draw.choice("linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5"), antialias=draw.flag(),
    )  # fmt: skip


@recipe()
def image_elastic(draw: Draw):
    images = Images(draw, dtypes=("float32", "float32", "float64"))
    return ops.image.elastic_transform(
        images.tensor, draw.real(1, 20), draw.choice(1.0, draw.real(1, 3)), draw.choice("bilinear", "nearest"), draw.choice(*FILL_MODES),
        draw.choice(0.0, 1.0), draw.integer(0, 99), images.data_format,
    )  # fmt: skip

"""Image layers."""

from keras import layers

from draw import Draw
from recipes import recipe


INTERPOLATIONS = ("bilinear", "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area")


def pixels(draw: Draw, channels: int = 3, *, dtypes=("float32", "float32", "float16", "uint8", "uint8", "int32"), dynamic=True):
    """A batch of images, at times of an open size, with its data format."""
    data_format, dtype = draw.data_format(), draw.choice(*dtypes)
    plane = (0, 1) if data_format == "channels_last" else (1, 2)
    shape = draw.spatial(2, channels, data_format, 3, 12)
    return draw.tensor(shape, dtype, low=0, high=255, dynamic=plane if dynamic else ()), data_format


@recipe(share=2)
def resizing(draw: Draw):
    images, data_format = pixels(draw)
    fit = draw.choice({}, {}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": draw.integer(0, 9)})
    return layers.Resizing(
        draw.integer(1, 14),
        draw.integer(1, 14),
        interpolation=draw.choice(*INTERPOLATIONS),
        data_format=data_format,
        antialias=draw.flag(),
        dtype=draw.policy(),
        **fit,
    )(images)


@recipe()
def center_crop(draw: Draw):
    # Where a crop comes down to resizing, it is in float32 whatever the policy.
    policy = draw.policy()
    images, data_format = pixels(draw, dynamic=policy == "float32")
    return layers.CenterCrop(draw.integer(1, 14), draw.integer(1, 14), data_format=data_format, dtype=policy)(images)


@recipe()
def equalization(draw: Draw):
    images, data_format = pixels(draw, draw.choice(1, 3), dtypes=("float32", "uint8", "int32"))
    return layers.ContrastLimitedAdaptiveHistogramEqualization(
        value_range=draw.choice((0, 255), (0, 255), (0, 200)),
        clip_limit=draw.choice(4.0, 0, 40.0, draw.real(0.5, 8)),
        tile_grid_size=draw.choice((8, 8), (2, 2), draw.integers(2, 1, 5)),
        data_format=data_format,
    )(images)


@recipe()
def augmentation(draw: Draw):
    """Random augmentation passes images through at inference."""
    layer = draw.choice(
        lambda: layers.RandomFlip(draw.choice("horizontal", "vertical")),
        lambda: layers.RandomRotation(0.2),
        lambda: layers.RandomZoom(0.2),
        lambda: layers.RandomTranslation(0.1, 0.1),
        lambda: layers.RandomContrast(0.2),
        lambda: layers.RandomBrightness(0.2),
        lambda: layers.RandomCrop(4, 4),
        lambda: layers.RandomHue(0.2, value_range=(0, 1)),
        lambda: layers.RandomSaturation(0.2, value_range=(0, 1)),
        lambda: layers.RandomGrayscale(0.5),
        lambda: layers.RandomInvert(0.5, value_range=(0, 1)),
        lambda: layers.RandomPosterization(4, value_range=(0, 1)),
        lambda: layers.RandomSharpness(0.5, value_range=(0, 1)),
        lambda: layers.RandomErasing(0.5),
        lambda: layers.RandomPerspective(0.3),
        lambda: layers.RandomGaussianBlur(0.5),
        lambda: layers.RandomColorJitter(value_range=(0, 1)),
        lambda: layers.RandomElasticTransform(0.5),
        lambda: layers.AutoContrast(value_range=(0, 1)),
        lambda: layers.Solarization(value_range=(0, 1)),
        lambda: layers.RandomShear(0.1, 0.1),
        lambda: layers.RandomColorDegeneration(0.5, value_range=(0, 1)),
        lambda: layers.RandAugment(value_range=(0, 1)),
        lambda: layers.AugMix(value_range=(0, 1)),
        lambda: layers.MixUp(),
        lambda: layers.CutMix(),
        lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(value_range=(0, 1), tile_grid_size=(2, 2)),
        lambda: layers.Equalization(value_range=(0, 255)),
    )()
    return layer(draw.tensor((6, 5, 3), low=0, high=1))

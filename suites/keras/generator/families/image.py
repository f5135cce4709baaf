"""Image layers."""

from keras import layers

from draw import Draw
from recipes import recipe


@recipe()
def resizing(draw: Draw):
    data_format = draw.data_format()
    fit = draw.choice({}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True})
    return layers.Resizing(
        draw.integer(2, 9),
        draw.integer(2, 9),
        interpolation=draw.choice("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
        data_format=data_format,
        antialias=draw.flag(),
        **fit,
    )(draw.tensor(draw.spatial(2, 3, data_format, 4, 7), draw.choice("float32", "float32", "uint8"), low=0, high=255))


@recipe()
def center_crop(draw: Draw):
    data_format = draw.data_format()
    return layers.CenterCrop(draw.integer(2, 8), draw.integer(2, 8), data_format=data_format)(
        draw.tensor(draw.spatial(2, 3, data_format, 4, 7))
    )


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

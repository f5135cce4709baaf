"""keras.ops of linear algebra and of signals."""

from keras import ops

from draw import Draw
from recipes import recipe

PRODUCT_DTYPES = ("float32", "float32", "float16", "float64", "int32", "int8", "bfloat16")


@recipe(share=4)
def product(draw: Draw):
    first, second = draw.choice(*PRODUCT_DTYPES), draw.choice(*PRODUCT_DTYPES)

    def pair(left, right):
        return draw.tensor(left, first), draw.tensor(right, second)

    return draw.choice(
        lambda: ops.matmul(*pair((3, 4), (4, 5))),
        lambda: ops.matmul(*pair((2, 3, 4), (2, 4, 5))),
        lambda: ops.matmul(draw.tensor((3, 4), first), draw.values((4, 2), "float32")),
        lambda: ops.matmul(*pair((4,), (4,))[:1], draw.values((4, 3), "float32")),
        lambda: ops.tensordot(draw.tensor((3, 4), first), draw.values((4, 2), "float32"), axes=1),
        lambda: ops.tensordot(draw.tensor((3, 4), first), draw.values((3, 4, 2), "float32"), axes=[[1, 2], [0, 1]]),
        lambda: ops.dot(draw.tensor((3, 4), first), draw.values((4, 2), "float32")),
        lambda: ops.inner(draw.tensor((3, 4), first), draw.values((5, 4), "float32")),
        lambda: ops.outer(*pair((3,), (2,))),
        lambda: ops.vdot(*pair((3,), (3,))),
        lambda: ops.cross(*pair((4, 3), (4, 3))),
        lambda: ops.kron(*pair((2,), (3,))),
        lambda: draw.tensor((3, 4), first) @ draw.values((4, 2), "float32"),
    )()


@recipe(share=3)
def einsum(draw: Draw):
    equation, *shapes = draw.choice(
        ("bij,bjk->bik", (3, 4), (4, 2)), ("bij,bkj->bik", (3, 4), (5, 4)), ("bij,bij->bi", (3, 4), (3, 4)), ("bij->bji", (3, 4)),
        ("bij->b", (3, 4)), ("bii->bi", (3, 3)), ("bqhd,bkhd->bhqk", (3, 2, 4), (5, 2, 4)), ("bhqk,bkhd->bqhd", (2, 3, 5), (5, 2, 4)),
        ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)), ("bi,bj->bij", (3,), (4,)), ("bi,bi,bi->b", (3,), (3,), (3,)), ("bij,bj", (3, 4), (4,)),
    )  # fmt: skip
    dtype = draw.choice("float32", "float32", "float64", "int32")
    return ops.einsum(equation, *(draw.tensor(shape, dtype) for shape in shapes))


def well_conditioned(draw: Draw, size: int = 3):
    """A batch of matrices with a strong diagonal."""
    matrices = draw.values((2, size, size), low=-1, high=1)
    matrices[:, range(size), range(size)] += 3
    return draw.tensor((size, size), values=matrices)


@recipe(share=3)
def decomposition(draw: Draw):
    """Ops on matrices whose results are unique: no signs or orders are left to the implementation."""
    matrices = well_conditioned(draw)
    symmetric = ops.matmul(matrices, ops.transpose(matrices, (0, 2, 1)))
    return draw.choice(
        lambda: ops.det(matrices),
        lambda: ops.slogdet(matrices),
        lambda: ops.logdet(symmetric),
        lambda: ops.inv(matrices),
        lambda: ops.cholesky(symmetric),
        lambda: ops.cholesky_inverse(ops.cholesky(symmetric)),
        lambda: ops.solve(matrices, draw.tensor((3, 2))),
        lambda: ops.solve_triangular(ops.tril(matrices), draw.tensor((3, 2)), lower=True),
        lambda: ops.pinv(matrices),
        lambda: ops.eigh(symmetric)[0],
        lambda: ops.svd(matrices, compute_uv=False),
        lambda: ops.matrix_rank(matrices),
        lambda: ops.lstsq(matrices, draw.tensor((3, 2))),
        lambda: ops.matmul(*ops.qr(matrices)),
        lambda: ops.abs(ops.qr(matrices, mode="complete")[1]),
    )()


@recipe()
def fourier(draw: Draw):
    x = draw.tensor((8,))
    return draw.choice(
        lambda: ops.rfft(x, draw.choice(None, 8, 16)),
        lambda: ops.fft((x, draw.tensor((8,)))),
        lambda: ops.fft2((draw.tensor((4, 8)), draw.tensor((4, 8)))),
        lambda: ops.ifft2((draw.tensor((4, 8)), draw.tensor((4, 8)))),
        lambda: ops.irfft(ops.rfft(x)),
        lambda: ops.stft(draw.tensor((32,)), 8, 4, 8, window=draw.choice("hann", "hamming", None), center=draw.flag()),
        lambda: ops.istft(ops.rfft(draw.tensor((6, 8))), 8, 4, 8, window=draw.choice("hann", None), center=draw.flag()),
        lambda: ops.extract_sequences(draw.tensor((20,)), 6, draw.integer(2, 6)),
    )()


@recipe()
def correlation(draw: Draw):
    if draw.flag():
        return ops.corrcoef(draw.tensor((5,)))
    return ops.correlate(draw.tensor((), batch_size=5), draw.values((3,)), mode=draw.choice("valid", "same", "full"))


@recipe()
def distances(draw: Draw):
    return ops.cdist(draw.tensor((3, 4)), draw.tensor((5, 4)))

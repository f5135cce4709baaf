"""Names of models that are there; schemathesis draws all the rest."""

import schemathesis


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return {**path_parameters, "MODEL_NAME": "wine", "MODEL_VERSION": "1"} if path_parameters else path_parameters

using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What can go wrong with choosing who answers.</summary>
public static partial class InferenceProblems
{
    /// <summary>Rules leave nobody who may answer.</summary>
    public static readonly ProblemCode NoDeploymentAllowed = new(
        "no_deployment_allowed",
        403,
        "No deployment of the model is allowed to answer.",
        "Choose another model, or have the tags and regions that the key or the organisation requires changed.");
}

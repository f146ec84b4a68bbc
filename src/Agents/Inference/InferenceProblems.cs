using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The ways a call of a model can fail. The gateway's surfaces show them in their own protocol's shape.</summary>
public static class InferenceProblems
{
    /// <summary>The request is not one of the protocol.</summary>
    public static readonly ProblemCode InvalidModelRequest = new(
        "invalid_model_request",
        400,
        "The request is not one of this protocol.",
        "Correct what the message names; the vendor's documentation of the protocol holds.");

    /// <summary>What is asked for cannot be said in the language of the model's provider.</summary>
    public static readonly ProblemCode UnsupportedByModel = new(
        "unsupported_by_model",
        400,
        "The model's provider cannot do this.",
        "Leave out what the message names, or choose a model whose provider speaks this protocol.");

    /// <summary>The model does not exist here.</summary>
    public static readonly ProblemCode ModelNotFound = new(
        "model_not_found",
        404,
        "There is no such model.",
        "Choose one of those that GET /v1/models lists.");

    /// <summary>A budget does not allow the call.</summary>
    public static readonly ProblemCode BudgetExceeded = new(
        "budget_exceeded",
        402,
        "A budget does not allow this call.",
        "Wait until the budget begins anew, raise it, ask for less output, or choose a cheaper model.");

    /// <summary>The provider answers too many of this gateway's calls.</summary>
    public static readonly ProblemCode ProviderBusy = new(
        "provider_busy",
        429,
        "The model's provider takes no more calls for now.",
        "Try again after the seconds in Retry-After.",
        Retry.Later);

    /// <summary>No provider of the model answered.</summary>
    public static readonly ProblemCode ProviderUnavailable = new(
        "provider_unavailable",
        502,
        "The model's provider did not answer.",
        "Try again in a moment, or choose another model. Nothing was charged.",
        Retry.Later);

    /// <summary>The provider took too long.</summary>
    public static readonly ProblemCode ProviderTimeout = new(
        "provider_timeout",
        504,
        "The model's provider took too long.",
        "Try again in a moment, or ask for less. What was delivered is charged.",
        Retry.Later);

    /// <summary>The provider broke off after the answer had begun.</summary>
    public static readonly ProblemCode ProviderBrokeOff = new(
        "provider_broke_off",
        502,
        "The model's provider broke off.",
        "Try again. What was delivered is charged.",
        Retry.Later);

    /// <summary>The provider refused the request.</summary>
    public static readonly ProblemCode ProviderRefused = new(
        "provider_refused",
        400,
        "The model's provider refused the request.",
        "Correct what the message names.");
}

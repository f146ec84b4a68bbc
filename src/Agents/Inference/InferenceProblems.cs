using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The ways a call of a model can fail. The gateway's surfaces show them in their own protocol's shape.</summary>
public static partial class InferenceProblems
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

    /// <summary>A provider or model is configured in a way that cannot be.</summary>
    public static readonly ProblemCode InvalidModelConfiguration = new(
        "invalid_model_configuration",
        422,
        "A provider or model cannot be configured so.",
        "Correct the members that errors names.");

    /// <summary>A provider cannot go while models are there.</summary>
    public static readonly ProblemCode ProviderInUse = new(
        "provider_in_use",
        409,
        "Models are deployed at this provider.",
        "Take the models away first, or disable the provider.");

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

    /// <summary>There is too little money for the call.</summary>
    public static readonly ProblemCode InsufficientCredit = new(
        "insufficient_credit",
        402,
        "There is too little credit for this call.",
        "Buy credit, ask for less output, or choose a cheaper model.");

    /// <summary>Nothing may be spent.</summary>
    public static readonly ProblemCode SpendingSuspended = new(
        "spending_suspended",
        403,
        "Nothing may be spent here.",
        "Have the owner of the organisation look at its billing.");

    /// <summary>The model has no price.</summary>
    public static readonly ProblemCode ModelNotPriced = new(
        "model_not_priced",
        403,
        "The model has no price.",
        "Choose another model, or have the operator publish a price.");

    /// <summary>Whether there is money for the call could not be found out.</summary>
    public static readonly ProblemCode SpendingUnavailable = new(
        "spending_unavailable",
        503,
        "Whether this call may be paid for could not be found out.",
        "Try again in a moment. Nothing was called and nothing charged.",
        Retry.Later);

    /// <summary>Other changes of an organisation's keys take long.</summary>
    public static readonly ProblemCode KeysBusy = new(
        "keys_busy",
        503,
        "Other changes of this organisation's keys are being made.",
        "Try again in a moment. Nothing was changed.",
        Retry.Later);

    /// <summary>A call is in no review.</summary>
    public static readonly ProblemCode ReviewOver = new(
        "review_over",
        409,
        "Nobody has to look into this call any more.",
        "Read the call again: it was settled or waived, or settled by itself.");

    /// <summary>What a call used is not known.</summary>
    public static readonly ProblemCode UsageNotKnown = new(
        "usage_not_known",
        409,
        "What this call used is not known.",
        "Attach the model that answered and what it used, or waive the call.");

    /// <summary>Something about a review is wrong.</summary>
    public static readonly ProblemCode InvalidReview = new(
        "invalid_review",
        400,
        "The review is not a proper one.",
        "Correct the member that the message names.");

    /// <summary>The key may not call the model.</summary>
    public static readonly ProblemCode ModelNotAllowed = new(
        "model_not_allowed",
        403,
        "This key may not call this model.",
        "Choose one of the key's models, or have the key changed.");

    /// <summary>The key, its team or its user may not call for now.</summary>
    public static readonly ProblemCode KeyBlocked = new(
        "key_blocked",
        403,
        "This key is blocked.",
        "Have whoever keeps the organisation's keys look at it.");

    /// <summary>The key calls too often.</summary>
    public static readonly ProblemCode KeyRateLimited = new(
        "key_rate_limited",
        429,
        "This key calls more than it may.",
        "Try again after the seconds in Retry-After.",
        Retry.Later);

    /// <summary>Something about a key's policy is wrong.</summary>
    public static readonly ProblemCode InvalidKeyPolicy = new(
        "invalid_key_policy",
        400,
        "The policy of the key is not a proper one.",
        "Correct the member that the message names.");

    /// <summary>A range of the history is none, or too long.</summary>
    public static readonly ProblemCode InvalidUsageRange = new(
        "invalid_usage_range",
        400,
        "The range of time is none, or too long.",
        "Ask for a shorter range, or for longer steps.");

    /// <summary>The request contains what its organisation or key does not allow.</summary>
    public static readonly ProblemCode ContentRefused = new(
        "content_refused",
        400,
        "The request contains what is not allowed here.",
        "Take out what the message names; whoever runs the organisation sets the rules under /v1/inference/content-policy.");

    /// <summary>Something about a policy of content is wrong.</summary>
    public static readonly ProblemCode InvalidContentPolicy = new(
        "invalid_content_policy",
        400,
        "The policy of content is not a proper one.",
        "Correct the member that the message names.");
}

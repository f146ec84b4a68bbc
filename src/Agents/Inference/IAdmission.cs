using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Every way asking for a call's money can end.</summary>
public abstract record AdmissionOutcome
{
    private AdmissionOutcome()
    {
    }

    /// <summary>The call may be made, and what it can cost is reserved under its id.</summary>
    /// <param name="OutputTokensMax">How much output the reservation covers; null where it covers all that was asked for.</param>
    /// <param name="BalanceMicros">What is left to spend, after the reservation; null where nobody counts it.</param>
    public sealed record Admitted(long? OutputTokensMax = null, long? BalanceMicros = null) : AdmissionOutcome
    {
        /// <summary>
        /// Ends once the reservation is durable, with null: nothing may be sent, or settled, before. Else with why the call may
        /// not be made after all: then nothing is reserved.
        /// </summary>
        public Task<Refused?> Durable { get; init; } = AtOnce;

        /// <summary>Is durable, or nothing had to be reserved.</summary>
        internal static Task<Refused?> AtOnce { get; } = Task.FromResult<Refused?>(null);
    }

    /// <summary>The call may not be made, and nothing is reserved.</summary>
    /// <param name="Code">Why; one of <see cref="InferenceProblems"/>.</param>
    /// <param name="Detail">What to tell the client.</param>
    /// <param name="RetryAfterSeconds">When trying again can help; null where that is not known.</param>
    public sealed record Refused(ProblemCode Code, string Detail, int? RetryAfterSeconds = null) : AdmissionOutcome;
}

/// <summary>A call under way, and what was delivered of it so far.</summary>
/// <param name="Call">The call.</param>
/// <param name="Delivered">What its client has got; estimated until the provider has counted.</param>
public sealed record RunningCall(ModelCall Call, ModelUsage Delivered)
{
    /// <summary>The model that is answering; null where none has begun to.</summary>
    public ProviderModel? Answering { get; init; }
}

/// <summary>Asks, before a model is called, whether its cost may be spent.</summary>
public interface IAdmission
{
    /// <summary>
    /// One durable decision over all budgets and the money, which may still be on its way to the disk. Whoever is admitted is
    /// settled, whatever happens.
    /// </summary>
    ValueTask<AdmissionOutcome> Admit(ModelCall call, UsageBounds bounds, CancellationToken cancellationToken);

    /// <summary>
    /// Says that calls still run, so that their reservations do not lapse; every <see cref="InferenceOptions.RenewEvery"/>.
    /// </summary>
    Task Renew(IReadOnlyList<RunningCall> calls, CancellationToken cancellationToken);
}

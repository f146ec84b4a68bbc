using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>What a provider moved and paid out is to be read now.</summary>
/// <param name="Mode">In which mode.</param>
public sealed record ReadClearingJob(PaymentMode Mode) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.read_clearing_now";

    internal JobTerms Terms => new() { UniqueKey = Internal.Word.Of(Mode) };
}

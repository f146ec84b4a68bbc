using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Lets a call out once what it may cost is reserved durably. While that is on its way to the disk, all is made ready that
/// nobody outside sees.
/// </summary>
internal sealed class Clearance(ModelCall call, Task<AdmissionOutcome.Refused?> durable, TimeProvider time)
{
    /// <summary>How long the call waited for it; not yet known where nobody has waited for it.</summary>
    public TimeSpan After { get; private set; }

    /// <summary>Why the call may not be made, where it may not.</summary>
    public AdmissionOutcome.Refused? Refusal { get; private set; }

    /// <summary>Whom the request has gone to, and who has not failed since; null for nobody.</summary>
    public ProviderModel? Asked { get; set; }

    /// <summary>Waits until it is known; whether the call may be made.</summary>
    public async ValueTask<bool> IsGiven()
    {
        if (After == default && Refusal is null)
        {
            Refusal = await durable;
            After = time.GetUtcNow() - call.StartedAt;
        }

        return Refusal is null;
    }

    /// <summary>Waits until the call may go out.</summary>
    /// <exception cref="RefusedRequestException">It may not.</exception>
    public async ValueTask Wait()
    {
        if (!await IsGiven())
        {
            throw new RefusedRequestException(Refusal!.Code, Refusal.Detail);
        }
    }
}

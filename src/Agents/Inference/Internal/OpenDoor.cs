namespace Quoin.Inference.Internal;

/// <summary>Lets every call through and writes nothing down: what stands at the seams where no money is kept.</summary>
internal sealed class OpenDoor : IAdmission, ISettlement
{
    private static readonly AdmissionOutcome Welcome = new AdmissionOutcome.Admitted();
    private static readonly Settled Nothing = new(null, null, Task.CompletedTask);

    public ValueTask<AdmissionOutcome> Admit(ModelCall call, UsageBounds bounds, CancellationToken cancellationToken) =>
        new(Welcome);

    public Task Renew(IReadOnlyList<RunningCall> calls, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask<Settled> Settle(ModelCall call, CallEnding ending) => new(Nothing);
}

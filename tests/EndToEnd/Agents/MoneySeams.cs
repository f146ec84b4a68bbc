using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Inference;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Stands before what keeps the gateway's money: notes every call's admission and settlement, and refuses a model on demand.
/// </summary>
public sealed class MoneySeams : IAdmission, ISettlement
{
    /// <summary>A model that no budget pays for.</summary>
    public const string TooDear = "too-dear";

    private readonly ConcurrentDictionary<CallId, TaskCompletionSource<CallEnding>> endings = new();
    private readonly ConcurrentDictionary<CallId, (ModelCall Call, UsageBounds Bounds)> admitted = new();
    private IAdmission admission = null!;
    private ISettlement settlement = null!;

    /// <summary>Puts it before what is registered.</summary>
    public static MoneySeams Watch(IServiceCollection services)
    {
        var seams = new MoneySeams();
        Func<IServiceProvider, object> admission = Taken(services, typeof(IAdmission));
        Func<IServiceProvider, object> settlement = Taken(services, typeof(ISettlement));
        services.Replace(ServiceDescriptor.Singleton<IAdmission>(provider => seams.Before((IAdmission)admission(provider))));
        services.Replace(ServiceDescriptor.Singleton<ISettlement>(provider => seams.Before((ISettlement)settlement(provider))));
        return seams;
    }

    /// <summary>How a call ended; waits for it.</summary>
    public Task<CallEnding> Ending(string requestId) =>
        OfCall(Kernel.Id.Parse<CallId>(requestId)).Task.WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>The id of the call of a model that only one test calls.</summary>
    public string LastOf(string model) => admitted.Single(one => one.Value.Call.Model == model).Key.ToString();

    /// <summary>What a call was admitted with.</summary>
    public (ModelCall Call, UsageBounds Bounds) Admitted(string requestId) => admitted[Kernel.Id.Parse<CallId>(requestId)];

    /// <inheritdoc />
    public async ValueTask<AdmissionOutcome> Admit(ModelCall call, UsageBounds bounds, CancellationToken cancellationToken)
    {
        if (call.Model == TooDear)
        {
            return new AdmissionOutcome.Refused(InferenceProblems.BudgetExceeded, "The key's budget of a dollar a day is spent.");
        }

        admitted[call.Id] = (call, bounds);
        return await admission.Admit(call, bounds, cancellationToken);
    }

    /// <inheritdoc />
    public Task Renew(IReadOnlyList<RunningCall> calls, CancellationToken cancellationToken) =>
        admission.Renew(calls, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<Settled> Settle(ModelCall call, CallEnding ending)
    {
        OfCall(call.Id).TrySetResult(ending).ShouldBeTrue("a call is settled once");
        return await settlement.Settle(call, ending);
    }

    private TaskCompletionSource<CallEnding> OfCall(CallId id) => endings.GetOrAdd(id, _ => new TaskCompletionSource<CallEnding>());

    private MoneySeams Before(IAdmission inner)
    {
        admission = inner;
        return this;
    }

    private MoneySeams Before(ISettlement inner)
    {
        settlement = inner;
        return this;
    }

    private static Func<IServiceProvider, object> Taken(IServiceCollection services, Type seam)
    {
        var registered = services.Last(one => one.ServiceType == seam);
        return provider => registered.ImplementationFactory?.Invoke(provider)
            ?? registered.ImplementationInstance
            ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!);
    }
}

using System.Reflection;
using Quoin.Payments;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>A provider whose callers stop before and after each call.</summary>
public class WatchedProvider : DispatchProxy
{
    private static readonly MethodInfo Through = typeof(Caller).GetMethod(nameof(Caller.Through))!;

    private IPaymentProvider inner = null!;

    /// <summary>Watches a provider.</summary>
    public static IPaymentProvider Of(IPaymentProvider inner)
    {
        var watched = Create<IPaymentProvider, WatchedProvider>();
        ((WatchedProvider)(object)watched).inner = inner;
        return watched;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = targetMethod!;
        if (!typeof(Task).IsAssignableFrom(method.ReturnType))
        {
            return method.Invoke(inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        }

        var result = method.ReturnType.GetGenericArguments()[0];
        var make = typeof(WatchedProvider).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(result).Invoke(this, [method, args]);
        return Through.MakeGenericMethod(result).Invoke(null, [method.Name, make]);
    }

    private Func<Task<T>> Make<T>(MethodInfo method, object?[] args) =>
        () => (Task<T>)method.Invoke(inner, BindingFlags.DoNotWrapExceptions, null, args, null)!;
}

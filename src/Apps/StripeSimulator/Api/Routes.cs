using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>The table of contents of the API: which call is answered by what.</summary>
internal sealed class Routes
{
    private readonly List<Route> routes = [];
    private readonly IReadOnlyDictionary<string, HashSet<string>> parameters = ReadParameters();

    /// <summary>All calls the simulator answers.</summary>
    public Routes(World world)
    {
        MapCatalogue(world);
        MapCustomers(world);
        MapCheckout(world);
        MapPayments(world);
        MapBilling(world);
        MapMoney(world);
        MapRest(world);
    }

    /// <summary>The calls, as <c>METHOD /path</c>.</summary>
    public IEnumerable<string> All => routes.Select(route => $"{route.Method} {route.Template}");

    /// <summary>What answers a call, and what stands in its path for <c>{id}</c>; null when nothing does.</summary>
    public (Handler Handler, string Id)? Find(ApiRequest request)
    {
        var parts = request.Path.TrimEnd('/').Split('/');
        foreach (var route in routes.Where(route => route.Method == request.Method && route.Parts.Length == parts.Length))
        {
            if (route.Match(parts) is { } id)
            {
                CheckParameters(route, request);
                return (route.Handler, id);
            }
        }

        return null;
    }

    private void MapCatalogue(World world)
    {
        Resource("products", world.Catalogue.CreateProduct, world.Catalogue.Product, world.Catalogue.Products,
            world.Catalogue.UpdateProduct);
        Map("DELETE", "/v1/products/{id}", world.Catalogue.DeleteProduct);
        Resource("prices", world.Catalogue.CreatePrice, world.Catalogue.Price, world.Catalogue.Prices, world.Catalogue.UpdatePrice);
    }

    private void MapCustomers(World world)
    {
        Resource("customers", world.Customers.Create, world.Customers.Get, world.Customers.List, world.Customers.Update);
        Map("DELETE", "/v1/customers/{id}", world.Customers.Delete);
        Map("GET", "/v1/customers/{id}/payment_methods", world.Customers.Methods);
        Map("GET", "/v1/customers/{id}/payment_methods/{method}", world.Customers.Method);
        Resource("payment_methods", world.PaymentMethods.Create, world.PaymentMethods.Get, world.PaymentMethods.List,
            world.PaymentMethods.Update);
        Map("POST", "/v1/payment_methods/{id}/attach", world.PaymentMethods.AttachTo);
        Map("POST", "/v1/payment_methods/{id}/detach", world.PaymentMethods.DetachFrom);
    }

    private void MapCheckout(World world)
    {
        Resource("checkout/sessions", world.Checkouts.Create, world.Checkouts.Get, world.Checkouts.List, world.Checkouts.Update);
        Map("GET", "/v1/checkout/sessions/{id}/line_items", world.Checkouts.LinesOf);
        Map("POST", "/v1/checkout/sessions/{id}/expire", world.Checkouts.Expire);
        Resource("payment_links", world.PaymentLinks.Create, world.PaymentLinks.Get, world.PaymentLinks.List,
            world.PaymentLinks.Update);
        Map("GET", "/v1/payment_links/{id}/line_items", world.PaymentLinks.LinesOf);
        Map("POST", "/v1/billing_portal/sessions", world.Portal.Create);
    }

    private void MapPayments(World world)
    {
        Resource("payment_intents", world.PaymentIntents.Create, world.PaymentIntents.Get, world.PaymentIntents.List,
            world.PaymentIntents.Update);
        Map("POST", "/v1/payment_intents/{id}/confirm", world.PaymentIntents.Confirm);
        Map("POST", "/v1/payment_intents/{id}/cancel", world.PaymentIntents.Cancel);
        Map("POST", "/v1/setup_intents", world.SetupIntents.Create);
        Map("GET", "/v1/setup_intents", world.SetupIntents.List);
        Map("GET", "/v1/setup_intents/{id}", world.SetupIntents.Get);
        Map("POST", "/v1/setup_intents/{id}/confirm", world.SetupIntents.Confirm);
        Map("POST", "/v1/setup_intents/{id}/cancel", world.SetupIntents.Cancel);
        Map("GET", "/v1/charges", world.Charges.List);
        Map("GET", "/v1/charges/{id}", world.Charges.Get);
        Map("POST", "/v1/charges/{id}", world.Charges.Update);
        Resource("refunds", world.Refunds.Create, world.Refunds.Get, world.Refunds.List, world.Refunds.Update);
        Map("POST", "/v1/refunds/{id}/cancel", world.Refunds.Cancel);
        Map("GET", "/v1/disputes", world.Disputes.List);
        Map("GET", "/v1/disputes/{id}", world.Disputes.Get);
        Map("POST", "/v1/disputes/{id}", world.Disputes.Update);
        Map("POST", "/v1/disputes/{id}/close", world.Disputes.Close);
    }

    private void MapBilling(World world)
    {
        Resource("subscriptions", world.Subscriptions.Create, world.Subscriptions.Get, world.Subscriptions.List,
            world.Subscriptions.Update);
        Map("DELETE", "/v1/subscriptions/{id}", world.Subscriptions.Cancel);
        Map("POST", "/v1/subscriptions/{id}/resume", world.Subscriptions.Resume);
        Map("GET", "/v1/subscription_items", world.Subscriptions.Items);
        Map("GET", "/v1/subscription_items/{id}", world.Subscriptions.Item);
        Map("POST", "/v1/invoices/create_preview", world.Subscriptions.Preview);
        Resource("invoices", world.Invoices.Create, world.Invoices.Get, world.Invoices.List, world.Invoices.Update);
        Map("DELETE", "/v1/invoices/{id}", world.Invoices.Delete);
        Map("POST", "/v1/invoices/{id}/finalize", world.Invoices.Finalize);
        Map("POST", "/v1/invoices/{id}/pay", world.Invoices.Pay);
        Map("POST", "/v1/invoices/{id}/void", world.Invoices.Void);
        Map("POST", "/v1/invoices/{id}/mark_uncollectible", world.Invoices.GiveUp);
        Map("POST", "/v1/invoices/{id}/send", world.Invoices.Send);
        Map("GET", "/v1/invoices/{id}/lines", world.Invoices.LinesOf);
        Map("POST", "/v1/invoiceitems", world.Invoices.CreateItem);
        Map("GET", "/v1/invoiceitems", world.Invoices.Items);
        Map("GET", "/v1/invoice_payments", world.Invoices.Payments);
        Map("GET", "/v1/invoice_payments/{id}", world.Invoices.Payment);
    }

    private void MapMoney(World world)
    {
        Map("GET", "/v1/balance", world.Balance.Total);
        Map("GET", "/v1/balance_transactions", world.Balance.List);
        Map("GET", "/v1/balance_transactions/{id}", world.Balance.Get);
        Map("POST", "/v1/payouts", world.Payouts.Create);
        Map("GET", "/v1/payouts", world.Payouts.List);
        Map("GET", "/v1/payouts/{id}", world.Payouts.Get);
        Map("POST", "/v1/payouts/{id}/cancel", world.Payouts.Cancel);
    }

    private void MapRest(World world)
    {
        Map("GET", "/v1/events", world.Events.List);
        Map("GET", "/v1/events/{id}", world.Events.Get);
        Resource("webhook_endpoints", world.Endpoints.Create, world.Endpoints.Get, world.Endpoints.List, world.Endpoints.Update);
        Map("DELETE", "/v1/webhook_endpoints/{id}", world.Endpoints.Delete);
        Map("POST", "/v1/files", world.Files.Create);
        Map("GET", "/v1/files/{id}", world.Files.Get);
        Map("GET", "/v1/account", world.Files.Account);
        Map("POST", "/v1/test_helpers/test_clocks", world.TestClocks.Create);
        Map("GET", "/v1/test_helpers/test_clocks", world.TestClocks.List);
        Map("GET", "/v1/test_helpers/test_clocks/{id}", world.TestClocks.Get);
        Map("POST", "/v1/test_helpers/test_clocks/{id}/advance", world.TestClocks.Advance);
        Map("DELETE", "/v1/test_helpers/test_clocks/{id}", world.TestClocks.Delete);
    }

    private void Resource(string name, Handler create, Handler get, Handler list, Handler update)
    {
        Map("POST", $"/v1/{name}", create);
        Map("GET", $"/v1/{name}", list);
        Map("GET", $"/v1/{name}/{{id}}", get);
        Map("POST", $"/v1/{name}/{{id}}", update);
    }

    private void Map(string method, string template, Handler handler) =>
        routes.Add(new Route(method, template, template.Split('/'), handler));

    // The names the official client's types know; what they do not know, Stripe refuses.
    private void CheckParameters(Route route, ApiRequest request)
    {
        if (!parameters.TryGetValue($"{route.Method} {route.Template}", out var known))
        {
            return;
        }

        if (request.Form.Names.FirstOrDefault(name => name != "expand" && !known.Contains(name)) is { } unknown)
        {
            throw new ApiException(400, "invalid_request_error", $"Received unknown parameter: {unknown}")
            {
                Code = "parameter_unknown",
                Param = unknown,
                IsBeforeExecution = true,
            };
        }
    }

    private static Dictionary<string, HashSet<string>> ReadParameters()
    {
        using var stream = typeof(Routes).Assembly.GetManifestResourceStream("parameters.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(": "))
            .ToDictionary(
                parts => parts[0], parts => parts[1].Split(' ').ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private sealed record Route(string Method, string Template, string[] Parts, Handler Handler)
    {
        /// <summary>The first variable part of a path that fits; empty where there is none; null when it does not fit.</summary>
        public string? Match(string[] path)
        {
            string? id = null;
            for (var index = 0; index < path.Length; index++)
            {
                if (Parts[index].StartsWith('{'))
                {
                    id ??= Uri.UnescapeDataString(path[index]);
                }
                else if (Parts[index] != path[index])
                {
                    return null;
                }
            }

            return id ?? string.Empty;
        }
    }
}

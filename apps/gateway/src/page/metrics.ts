import { metrics } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";

/** What the packages measure, as a scraper reads it. */
export interface Metrics {
  /** The text that Prometheus reads. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Takes up whatever is measured in this process from now on: what is made before measures nothing. */
export function collectMetrics(): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const serializer = new PrometheusSerializer();
  return {
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new Error("Cannot collect metrics", { cause: errors[0] });
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      metrics.disable();
      await provider.shutdown();
    },
  };
}
